package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/spf13/cobra"
)

// defaultRooms is where the passports of a checkout are.
const defaultRooms = "rooms"

func checkCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "judge passports",
		Long: `Check judges every passport in DIR (default: rooms) and the rules that hold
between them. DIR is a directory with system.toml and one directory for each
room, or the directory of one room, of which the rules for the whole system are
then not judged.

Every fault is found in one run. Exit code 0 means that there is none.`,
		Example: `  passportc check
  passportc check rooms/web
  passportc check --format json rooms`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := wantFormat(format); err != nil {
				return err
			}
			dir := roomsArgument(args)
			faults, single, err := checkDirectory(dir)
			if err != nil {
				return err
			}
			if err := report(c.OutOrStdout(), format, faults); err != nil {
				return err
			}
			if format != "text" {
				return nil
			}
			note := ""
			if single {
				note = "; the rules for the whole system were not judged"
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s%s\n", dir, faults.Counts(), note)
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
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
		return fmt.Errorf("cannot read %s: %w", dir, unwrapPath(err))
	}
	if !info.IsDir() {
		return &hinted{fmt.Errorf("cannot read %s: it is no directory", dir), "name the directory that holds the passports"}
	}
	return nil
}
