package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/spf13/cobra"
)

// defaultRooms is where the passports of a checkout are.
const defaultRooms = "rooms"

func checkCommand() *cobra.Command {
	var out findings
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "judge passports",
		Long: `Check judges every passport in DIR (default: rooms) and the rules that hold
between them. DIR is a directory with system.toml and one directory for each
room, or the directory of one room, of which the rules for the whole system are
then not judged.

Every fault is found in one run. Exit code 0 means that there is none, 1 that
there are some, 2 that the call is wrong. 'passportc explain CODE' says more about
a fault.

Findings go to stdout: as text for people, as JSON, as SARIF 2.1.0, or as the
commands that a GitHub workflow turns into annotations. Paths in the last two are
relative to the working directory.`,
		Example: `  passportc check
  passportc check rooms/web
  passportc check --format json rooms
  passportc check --format sarif > findings.sarif
  passportc check --color never`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := out.wanted(); err != nil {
				return err
			}
			return judgePassports(c, roomsArgument(args), out)
		},
	}
	out.flags(c)
	return c
}

func judgePassports(c *cobra.Command, dir string, out findings) error {
	faults, single, err := checkDirectory(dir)
	if err != nil {
		return err
	}
	verdict := out.report(c.OutOrStdout(), dir, faults)
	if code := exitCode(0); verdict != nil && !errors.As(verdict, &code) {
		return verdict
	}
	const alone = "the rules for the whole system were not judged"
	switch {
	case out.format != "text" && single: // stdout is for programs, and whole as it is
		_, err = fmt.Fprintf(c.ErrOrStderr(), "%s: %s\n", dir, alone)
	case out.format != "text":
	case single:
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s; %s\n", dir, faults.Counts(), alone)
	default:
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", dir, faults.Counts())
	}
	return cmp.Or(err, verdict)
}

func roomsArgument(args []string) string {
	if len(args) == 0 {
		return defaultRooms
	}
	return filepath.Clean(args[0])
}

// checkDirectory judges one room if dir holds a passport, else all.
func checkDirectory(dir string) (faults diag.List, single bool, err error) {
	if err := wantDirectory(dir); err != nil {
		return nil, false, err
	}
	debug.SetGCPercent(400) // a call ends before most of its garbage would matter: this saves a third of its time
	debug.SetMemoryLimit(192 << 20)
	if _, err := os.Lstat(filepath.Join(dir, "passport.toml")); err == nil {
		name := dir
		if base := filepath.Base(dir); base == "." || base == ".." { // a room is named like its directory
			if name, err = filepath.Abs(dir); err != nil {
				return nil, false, fmt.Errorf("cannot find the name of %s: %w", dir, err)
			}
		}
		return compiler.CheckRoom(os.DirFS(dir), name), true, nil
	}
	return compiler.Check(os.DirFS(dir), dir), false, nil
}

func wantDirectory(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return cannotRead(dir, err)
	}
	if !info.IsDir() {
		return &hinted{fmt.Errorf("cannot read %s: it is no directory", dir), "name the directory that it is in: " + filepath.Dir(dir)}
	}
	return nil
}
