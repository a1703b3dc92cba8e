package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

func fmtCommand() *cobra.Command {
	var how formatting
	c := &cobra.Command{
		Use:   "fmt [PATH]...",
		Short: "write passports in the one style",
		Long: `Fmt writes passports and system.toml in one style, so that a review shows what was
changed and nothing else. PATH is a file, the directory of a room, or that of all
(default: rooms). It prints the names of the files that it changed. The path - is
standard input, of which the result goes to standard output: for editors.

What the style is:

  one blank line above each header and the comments on it, none directly below;
    elsewhere blank lines stay, one at most
  comments at the ends of lines that follow each other begin in one column
  a list stays on one line if it was, and fits into 100 characters; else each item
    has its own, but for those that the author put together
  keys without quotes, strings in plain ones, wherever these suffice
  line feeds, and no blanks, at the ends of lines

Tables, keys and comments stay in their order: a comment speaks of what stands around
it, and an author's order tells what matters, which no schema knows.

A file is replaced whole or not at all, and keeps its permissions. One that is not
TOML of the language is reported and stays as it is; so does a symbolic link, of
which the file that it leads to can be named.`,
		Example: `  passportc fmt
  passportc fmt rooms/web rooms/system.toml
  passportc fmt --check
  passportc fmt --diff rooms
  passportc fmt - < rooms/web/passport.toml`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{defaultRooms}
			}
			if len(args) == 1 && args[0] == "-" {
				return formatInput(c)
			}
			return how.files(c, args)
		},
	}
	c.Flags().BoolVar(&how.check, "check", false, "only list the files that differ from the style, and exit with 1 if there are any")
	c.Flags().BoolVar(&how.diff, "diff", false, "like --check, and show how they differ")
	return c
}

// formatting is what becomes of files that are not in the style: they are rewritten,
// or else only reported.
type formatting struct{ check, diff bool }

func (how formatting) files(c *cobra.Command, paths []string) error {
	files, faults, err := readFiles(paths)
	if err != nil {
		return err
	}
	if err := faults.WriteText(c.ErrOrStderr(), colour(c.ErrOrStderr())); err != nil {
		return err
	}
	differ := false
	for _, f := range files {
		text, err := source.Format(f)
		if err != nil {
			return fmt.Errorf("cannot format %s: %w", f.Source.Name, err)
		}
		if string(text) == string(f.Source.Text) {
			continue
		}
		differ = true
		if err := how.file(c.OutOrStdout(), f, text); err != nil {
			return err
		}
	}
	if faults.HasErrors() || differ && (how.check || how.diff) {
		return exitCode(exitFindings)
	}
	return nil
}

// file does with one file what is to be done with it.
func (how formatting) file(w io.Writer, f *source.File, text []byte) error {
	name := f.Source.Name
	if how.diff {
		_, err := w.Write(diff.Diff(name, f.Source.Text, name+" in the style", text))
		return err
	}
	if !how.check {
		if err := rewriteFile(name, text); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, name)
	return err
}

// readFiles reads the files that paths name, each once.
func readFiles(paths []string) (files []*source.File, faults diag.List, err error) {
	seen := map[string]bool{}
	for _, path := range paths {
		path = filepath.Clean(path)
		found, more, err := readPath(path)
		if err != nil {
			return nil, nil, err
		}
		faults = append(faults, more...)
		for _, f := range found {
			if f != nil && !seen[f.Source.Name] {
				seen[f.Source.Name] = true
				files = append(files, f)
			}
		}
	}
	return files, faults, nil
}

// readPath reads a file, a room's directory, or that of all rooms.
func readPath(path string) ([]*source.File, diag.List, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, cannotRead(path, err)
	}
	if !info.IsDir() {
		f, faults := source.ReadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path), path)
		return []*source.File{f}, faults, nil
	}
	if _, err := os.Lstat(filepath.Join(path, "passport.toml")); err == nil {
		room, faults := source.ReadRoom(os.DirFS(path), path)
		return []*source.File{room.Passport}, faults, nil
	}
	tree, faults := source.ReadTree(os.DirFS(path), path)
	files := []*source.File{tree.System}
	for _, room := range tree.Rooms {
		files = append(files, room.Passport)
	}
	return files, faults, nil
}

// formatInput formats standard input.
func formatInput(c *cobra.Command) error {
	text, err := io.ReadAll(io.LimitReader(c.InOrStdin(), 1<<20)) // more than a file may have, so too much is refused
	if err != nil {
		return fmt.Errorf("cannot read standard input: %w", err)
	}
	f, faults := source.Parse("standard input", text)
	if f == nil {
		return errors.Join(faults.WriteText(c.ErrOrStderr(), colour(c.ErrOrStderr())), exitCode(exitFindings))
	}
	if text, err = source.Format(f); err != nil {
		return fmt.Errorf("cannot format standard input: %w", err)
	}
	_, err = c.OutOrStdout().Write(text)
	return err
}
