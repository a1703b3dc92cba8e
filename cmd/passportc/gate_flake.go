package main

import (
	"fmt"
	"os"

	"github.com/anchor-os/anchor/release/gate/flake"
	"github.com/spf13/cobra"
)

func gateFlakeCommand() *cobra.Command {
	var out findings
	c := &cobra.Command{
		Use:   "flake [DIR]",
		Short: "judge the Nix expressions of a build",
		Long: `Flake judges every .nix file in DIR, the current directory without it, and below.
Refused are:

  - a fetch without a hash at the call, and one of a repository without its commit;
    a hash that is none yet
  - derivations that open the sandbox (__noChroot, __impure, impureEnvVars), a sandbox
    that is switched off, scripts that call Nix with --impure and the like, and
    settings that a flake brings along
  - what depends on the machine: <nixpkgs>, paths outside the flake,
    builtins.currentSystem, getEnv, currentTime and the like
  - an import, readFile or readDir of what has to be built or fetched first
  - in a flake.nix: inputs that are paths, archives or looked up in a registry, or that
    name no branch or commit, and names of outputs that no input has

It knows comments, strings and what is interpolated in them, but it evaluates nothing.
What it cannot see is a name that is put together of parts, a function that fetches and
has the name of none, an import through a variable or by a path that is put together,
and a script that is a file of its own; docs/GATES.md says what stands against these.
Out in DIR and .git are left out: an import of what is there, or of a file of another
suffix, is refused where its path is written out, and so is a .nix file that is a link.`,
		Example: `  passportc gate flake
  passportc gate flake --format sarif > flake.sarif`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := out.wanted(); err != nil {
				return err
			}
			dir := append(args, ".")[0]
			report, err := judgeFlake(dir)
			if err != nil {
				return err
			}
			return out.summarized(c.OutOrStdout(), dir, report.Faults, report.Summary())
		},
	}
	out.flags(c)
	return c
}

func judgeFlake(dir string) (flake.Report, error) {
	report, err := flake.JudgeAll(os.DirFS(dir), dir)
	if err != nil {
		return report, fmt.Errorf("cannot judge the Nix expressions in %s: %w", dir, err)
	}
	return report, nil
}
