package main

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/explain"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/release/lazyregexp"
	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE | KEY]...",
		Short: "tell what a fault or a key means",
		Long: `Explain tells what a code such as P0301 stands for, why it is so, and shows an
example that fails and its mend. Without an argument it lists the codes.

Of a key it tells what it means, its type, default and range. Keys are written as
in diagnostics, with "room." before those of a passport, or "system." before those
of system.toml, where that helps. So are profiles of system calls, classes of
devices and kernel parameters, behind the key that names them.`,
		Example: `  passportc explain P0301
  passportc explain room.resources.memory
  passportc explain system.budget
  passportc explain system-calls.profile.service`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listCodes(c.OutOrStdout())
			}
			for i, arg := range args {
				text, err := explanation(arg)
				if err != nil {
					return err
				}
				if i > 0 {
					text = "\n" + text
				}
				if _, err := io.WriteString(c.OutOrStdout(), text); err != nil {
					return err
				}
			}
			return nil
		},
		ValidArgsFunction: completeExplained,
	}
}

var codeName = lazyregexp.New(`^[Pp]?([0-9]{3,4})$`)

func explanation(what string) (string, error) {
	if m := codeName.FindStringSubmatch(what); m != nil {
		n, err := strconv.ParseUint(m[1], 10, 16)
		if err != nil {
			return "", err
		}
		e, err := explain.OfCode(diag.Code(n))
		if err != nil {
			return "", &usageError{&hinted{err, "see 'passportc explain' for a list"}}
		}
		return e.Text(), nil
	}
	d, near := check.Document(what)
	if d == nil {
		return "", unexplained(what, near)
	}
	return explain.Key(d, exampleOf(d)), nil
}

func unexplained(what string, near []string) error {
	err := fmt.Errorf("there is no key %s", diag.Quote(what))
	if len(near) == 0 || len(near) > 3 {
		return &usageError{&hinted{err, "see 'passportc explain --help'"}}
	}
	return &usageError{&hinted{err, "did you mean " + strings.Join(near, " or ") + "?"}}
}

func listCodes(w io.Writer) error {
	for _, c := range diag.Codes() {
		if _, err := fmt.Fprintf(w, "%v  %s\n", c, c.Title()); err != nil {
			return err
		}
	}
	return nil
}

// completeExplained offers codes and keys.
func completeExplained(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, c := range diag.Codes() {
		all = append(all, cobra.CompletionWithDesc(c.String(), c.Title()))
	}
	for _, path := range check.DocumentedPaths() {
		if strings.HasPrefix(begun, "room.") && !strings.HasPrefix(path, "system.") && !strings.HasPrefix(path, "room") {
			path = "room." + path
		}
		all = append(all, path)
	}
	all = slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, begun) })
	return all, cobra.ShellCompDirectiveNoFileComp
}

//go:embed explained/system.toml
var systemExample []byte

// hiddenExample is a line of a new room's passport that shows a key without giving it.
var hiddenExample = lazyregexp.New(`(?m)^#([A-Za-z\[])`)

// exampleFile is a file in which every key is given once.
func exampleFile(system bool) (*source.File, error) {
	text := systemExample
	if !system {
		files, err := room{Name: "web", User: 10001, Memory: "64MiB", Pids: 32}.files()
		if err != nil {
			return nil, err
		}
		text = hiddenExample.ReplaceAll(files["passport.toml"], []byte("$1"))
	}
	file, faults := source.Parse("example", text)
	if file == nil {
		return nil, fmt.Errorf("the example is no TOML: %s", faults[0].Summary)
	}
	return file, nil
}

// exampleOf gives the lines that give a key, below their header; "" if there are none.
func exampleOf(d *check.Documentation) string {
	file, err := exampleFile(d.System)
	if err != nil {
		return ""
	}
	v := file.Root
	for _, part := range d.Path {
		if v.Kind == source.Array && len(v.Items) > 0 {
			v = v.Items[0]
		}
		if v = v.Find(part); v == nil {
			return ""
		}
	}
	return linesOf(file, v)
}

// linesOf gives the lines on which a value stands, whole.
func linesOf(file *source.File, v *source.Value) string {
	first, last := v.Range.From().Line, v.Range.To().Line
	var each func(v *source.Value)
	each = func(v *source.Value) {
		for _, r := range []diag.Range{v.Key, v.Range} {
			if r.Valid() {
				first, last = min(first, r.From().Line), max(last, r.To().Line)
			}
		}
		for _, item := range v.Items {
			each(item)
		}
		for _, field := range v.Fields {
			each(field)
		}
	}
	each(v)
	all := strings.SplitAfter(string(file.Source.Text), "\n")
	lines := strings.Join(all[first-1:last], "")
	if header := file.Source.Section(v.Range.Start); header != "" && !strings.HasPrefix(lines, "[") {
		lines = header + "\n" + lines
	}
	return lines
}
