package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/explain"
	"github.com/spf13/cobra"
)

// findings is how a command shows what it found. Its flags are set by flags.
type findings struct {
	format string
	color  string
	also   string // a format that only this command has
}

var (
	formats = []string{"text", "json", "sarif", "github"}
	colors  = []string{"auto", "always", "never"}
)

// flags gives a command the flags of its findings.
func (f *findings) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.format, "format", "text", orList(f.formats()))
	c.Flags().StringVar(&f.color, "color", "auto", "colour in text: auto, always or never")
	for flag, words := range map[string][]string{"format": f.formats(), "color": colors} {
		if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was defined just above
		}
	}
}

func (f findings) formats() []string {
	if f.also == "" {
		return formats
	}
	return append(slices.Clone(formats), f.also)
}

// wanted checks the values of the flags.
func (f findings) wanted() error {
	if err := wantOneOf("format", f.format, f.formats()); err != nil {
		return err
	}
	return wantOneOf("colour", f.color, colors)
}

// report writes what was found in input, a file or directory, and returns the error
// that ends the command if input is refused.
func (f findings) report(w io.Writer, input string, faults diag.List) error {
	if err := f.write(w, input, faults); err != nil {
		return fmt.Errorf("cannot write the findings: %w", err)
	}
	if faults.HasErrors() {
		return exitCode(exitFindings)
	}
	return nil
}

// summarized reports as report does, and in text ends with one line on the whole; the
// other formats have nothing else on stdout.
func (f findings) summarized(w io.Writer, input string, faults diag.List, summary string) error {
	verdict := f.report(w, input, faults)
	if code := exitCode(0); f.format != "text" || verdict != nil && !errors.As(verdict, &code) {
		return verdict
	}
	if _, err := fmt.Fprintf(w, "%s: %s\n", input, summary); err != nil {
		return fmt.Errorf("cannot write the findings: %w", err)
	}
	return verdict
}

func (f findings) write(w io.Writer, input string, faults diag.List) error {
	switch f.format {
	case "json":
		return faults.WriteJSON(w)
	case "sarif":
		return faults.WriteSARIF(w, diag.SARIF{Help: explain.Help, Path: pathsFrom(input)})
	case "github":
		return faults.WriteGitHub(w, pathsFrom(input))
	}
	return faults.WriteText(w, f.color == "always" || f.color != "never" && colour(w))
}

// report prints what was found, in the format asked for, and returns the error that
// ends the command.
func report(w io.Writer, format string, faults diag.List) error {
	return findings{format: format}.report(w, ".", faults)
}

// colour reports whether w is a terminal that wants colour (no-color.org).
func colour(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// wantFormat checks the --format of a command that shows something else than findings.
func wantFormat(format string) error { return wantOneOf("format", format, formats[:2]) }

func wantOneOf(what, value string, words []string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return &usageError{&hinted{fmt.Errorf("unknown %s %q", what, value), "want " + orList(words)}}
}

// orList lists words for a sentence: "text, json or sarif".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// pathsFrom makes paths relative to the working directory, which in a checkout is
// where findings are collected; or, if input is not below it, to the directory that
// input is in. No path of this machine is left in them.
func pathsFrom(input string) func(string) string {
	base, err := filepath.Abs(".")
	if err == nil && !below(base, input) {
		if input, err = filepath.Abs(input); err == nil {
			base = filepath.Dir(input)
		}
	}
	return func(name string) string {
		if err != nil || !below(base, name) {
			return filepath.Base(name)
		}
		name, _ = filepath.Abs(name)
		name, _ = filepath.Rel(base, name)
		return filepath.ToSlash(name)
	}
}

// below reports whether the path lies in the directory dir, which is absolute.
func below(dir, path string) bool {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.Rel(dir, path)
	}
	return err == nil && filepath.IsLocal(path)
}
