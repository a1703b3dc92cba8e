package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/spf13/cobra"
)

// wrongArguments is the error of arguments that a command does not take.
func wrongArguments(c *cobra.Command, args []string, err error) error {
	hint := ""
	if len(args) > 0 {
		hint = diag.DidYouMean(args[0], possibleArguments(c))
	}
	return &usageError{&hinted{err, cmp.Or(hint, seeHelp(c))}}
}

// possibleArguments lists what a command can have as its first argument, if that is one
// of some words.
func possibleArguments(c *cobra.Command) []string {
	words := slices.Clone(c.ValidArgs)
	for _, child := range c.Commands() {
		words = append(words, child.Name())
	}
	return words
}

func seeHelp(c *cobra.Command) string { return fmt.Sprintf("see '%s --help'", c.CommandPath()) }

// cannotRead is the error of a path that cannot be read, with those beside it that may
// have been meant if it is not there.
func cannotRead(path string, err error) error {
	failed := fmt.Errorf("cannot read %s: %w", path, unwrapPath(err))
	if !errors.Is(err, fs.ErrNotExist) {
		return failed
	}
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil { // then that directory is what is not there
		return failed
	}
	var beside []string
	for _, e := range entries {
		beside = append(beside, filepath.Join(dir, e.Name()))
	}
	if hint := diag.DidYouMean(filepath.Clean(path), beside); hint != "" {
		return &hinted{failed, hint}
	}
	return failed
}
