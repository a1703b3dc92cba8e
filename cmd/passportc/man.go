package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "write the manual pages",
		Long: `Man writes a manual page for each command into DIR, which it makes if need be:
passportc.1, passportc-check.1 and so on. They say what --help says.`,
		Example: `  passportc man out/man`,
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return fmt.Errorf("cannot make %s: %w", args[0], unwrapPath(err))
			}
			return writePages(c.Root(), args[0])
		},
	}
}

func writePages(c *cobra.Command, dir string) error {
	if c.Hidden || c.Name() == "help" {
		return nil
	}
	if err := writeFile(filepath.Join(dir, pageName(c)+".1"), []byte(page(c))); err != nil {
		return err
	}
	for _, child := range c.Commands() {
		if err := writePages(child, dir); err != nil {
			return err
		}
	}
	return nil
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// page is a command's manual page in the language of man(7).
func page(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"Anchor OS\" \"Anchor OS\"\n", strings.ToUpper(pageName(c)))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s", verbatim(c.UseLine()))
	b.WriteString(".SH DESCRIPTION\n" + prose(c.Long))
	if c.HasAvailableLocalFlags() {
		b.WriteString(".SH OPTIONS\n" + verbatim(strings.TrimRight(c.LocalFlags().FlagUsages(), "\n")))
	}
	if c.Example != "" {
		b.WriteString(".SH EXAMPLES\n" + verbatim(c.Example))
	}
	b.WriteString(".SH EXIT STATUS\n0 if nothing was found, 1 if there are findings or something could not be done,\n2 if the call is wrong.\n")
	if also := relatives(c); len(also) > 0 {
		b.WriteString(".SH SEE ALSO\n" + strings.Join(also, ",\n") + "\n")
	}
	return b.String()
}

// relatives refers to the pages of the command above and of those below.
func relatives(c *cobra.Command) (pages []string) {
	all := c.Commands()
	if c.HasParent() {
		all = append([]*cobra.Command{c.Parent()}, all...)
	}
	for _, r := range all {
		if !r.Hidden && r.Name() != "help" {
			pages = append(pages, fmt.Sprintf("\\fB%s\\fR(1)", roff(pageName(r))))
		}
	}
	return pages
}

// prose sets paragraphs; one whose lines are indented stays as it is.
func prose(text string) string {
	var b strings.Builder
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		switch {
		case strings.HasPrefix(p, "  "):
			b.WriteString(".PP\n" + verbatim(p))
		case i == 0:
			b.WriteString(roff(p) + "\n")
		default:
			b.WriteString(".PP\n" + roff(p) + "\n")
		}
	}
	return b.String()
}

// verbatim keeps lines as they are but for the indentation of all.
func verbatim(text string) string {
	lines := strings.ReplaceAll(strings.TrimPrefix(text, "  "), "\n  ", "\n")
	return ".nf\n" + roff(lines) + "\n.fi\n"
}

// roff keeps text from being read as a command or an escape.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
