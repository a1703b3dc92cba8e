package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/nixconf"
	"github.com/spf13/cobra"
)

// gateNixConf is one call of the gate on Nix's settings.
type gateNixConf struct {
	allowed nixconf.Allowed
	out     findings
}

func gateNixConfCommand() *cobra.Command {
	var g gateNixConf
	c := &cobra.Command{
		Use:   "nixconf [FILE]",
		Short: "judge Nix's settings on a machine that builds",
		Long: `Nixconf judges FILE, a nix.conf or what nix config show --json writes. Without FILE
it asks the machine's Nix, which is better: Nix's answer has the settings of every file,
of the environment and of the user in it, while a nix.conf shows its own alone.

The sandbox must be on, not relaxed, without a fallback and without paths beyond a
shell; no program, variable or feature may open it; signatures are required; no flake
may bring settings; only root is trusted; and no cache and no key is trusted but those
that --allow-cache and --allow-key name, since only the project's own may be. Import
from derivation is a warning. A setting that is not given counts as the default of
Nix ` + nixconf.Version + `.

It does not see the settings of remote builders (builders), which are judged there, nor
what a later call sets by --option.`,
		Example: `  passportc gate nixconf nix.conf
  passportc gate nixconf /dev/stdin < nix.conf
  passportc gate nixconf nix.conf --allow-cache https://cache.example.org --allow-key cache.example.org-1:KEY`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := g.out.wanted(); err != nil {
				return err
			}
			return g.judge(c.OutOrStdout(), args)
		},
	}
	g.flags(c)
	g.out.flags(c)
	return c
}

func (g gateNixConf) judge(w io.Writer, args []string) error {
	faults, name, summary, err := g.evaluate(args)
	if err != nil {
		return err
	}
	return g.out.summarized(w, name, faults, summary)
}

// evaluate gives all that is wrong, with what, and the whole in one line.
func (g gateNixConf) evaluate(args []string) (faults diag.List, name, summary string, err error) {
	name, text, err := nixSettings(args)
	if err != nil {
		return nil, name, "", err
	}
	settings, faults := nixconf.Read(name, text)
	if faults.HasErrors() {
		return faults, name, faults.Counts(), nil
	}
	faults = append(faults, settings.Judge(g.allowed)...)
	return faults, name, fmt.Sprintf("%d rules; %s", nixconf.Count(), faults.Counts()), nil
}

// flags are those of what the project has of its own.
func (g *gateNixConf) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&g.allowed.Caches, "allow-cache", nil, "the URL of a cache of the project's own; may be repeated")
	f.StringArrayVar(&g.allowed.Keys, "allow-key", nil, "a public key of such a cache, as in trusted-public-keys; may be repeated")
}

// nixSettings reads the file that is the argument, or asks the machine's Nix.
func nixSettings(args []string) (name string, text []byte, err error) {
	if len(args) > 0 {
		text, err = readAtMost(args[0], nixconf.MaxSize)
		return args[0], text, err
	}
	const command = "nix config show --json"
	if _, err := exec.LookPath("nix"); err != nil {
		return command, nil, &hinted{errors.New("there is no nix here to ask for its settings"), "name a file: passportc gate nixconf /etc/nix/nix.conf"}
	}
	ask := exec.Command("nix", "--extra-experimental-features", "nix-command", "config", "show", "--json")
	var said strings.Builder
	ask.Stderr = &said
	if text, err = ask.Output(); err != nil {
		return command, nil, fmt.Errorf("cannot ask nix for its settings: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return command, text, nil
}
