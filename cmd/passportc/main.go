// Passportc checks room passports, compiles them into the policy that a machine
// enforces, and puts that policy into a bootable image. It reads files and
// writes files; it needs no root, no network and no configuration.
//
// This package holds flags, output and exit codes; the work is done by packages
// compiler and release.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// Exit codes. A script can tell bad input from a bad call.
const (
	exitOK       = 0
	exitFindings = 1 // the input has faults, or something could not be done
	exitUsage    = 2 // the call itself is wrong
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is one call of passportc; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	var code exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(stderr, "passportc: %v\n", err)
	var hint *hinted
	if errors.As(err, &hint) {
		fmt.Fprintf(stderr, "hint: %s\n", hint.hint)
	}
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFindings
}

// exitCode is an error that was reported already.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// usageError is a call that cannot be carried out as it was written.
type usageError struct{ error }

func (u *usageError) Unwrap() error { return u.error }

// hinted is an error with its remedy apart.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "passportc",
		Short: "check, compile and assemble the policy of an Anchor OS machine",
		Long: `Passportc checks the passports of rooms, compiles them into the policy that
Bay0 enforces, and puts that policy into a bootable image (UKI).

Exit codes: 0 nothing found, 1 findings, 2 the call is wrong.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return c.Help()
		},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{&hinted{err, seeHelp(c)}}
	})
	root.AddCommand(checkCommand(), compileCommand(), inspectCommand(), probesCommand(), initrdCommand(), ukiCommand(), newCommand(), gateCommand())
	root.AddCommand(fmtCommand(), showCommand(), schemaCommand(), explainCommand(), completionCommand(), manCommand())
	completeArguments(root)
	return root
}

// usageArgs makes a wrong number of arguments a usage error with a hint.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return wrongArguments(c, args, err)
		}
		return nil
	}
}

// require marks flags that a command cannot do without.
func require(c *cobra.Command, flags ...string) {
	inner := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		for _, name := range flags {
			if !c.Flags().Changed(name) {
				return &usageError{&hinted{fmt.Errorf("flag --%s is missing", name), seeHelp(c)}}
			}
		}
		return inner(c, args)
	}
}
