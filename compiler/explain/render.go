package explain

import (
	"strings"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
)

const width = 80 // characters to a line of prose

// Text is the explanation for a terminal.
func (e *Code) Text() string {
	var b strings.Builder
	b.WriteString(e.title() + "\n")
	for _, p := range e.Prose {
		b.WriteString("\n" + wrap(p, width) + "\n")
	}
	e.example(func(what string, parts []Part) {
		b.WriteString("\n" + what + ":\n")
		for _, p := range parts {
			b.WriteString("\n" + indent(p.heading(), "  ") + indent(p.Text, "    "))
		}
	})
	return b.String()
}

// Markdown is the explanation without its title.
func (e *Code) Markdown() string {
	var b strings.Builder
	for _, p := range e.Prose {
		b.WriteString(wrap(p, width) + "\n\n")
	}
	e.example(func(what string, parts []Part) {
		b.WriteString(what + ":\n\n")
		for _, p := range parts {
			if p.File != "" {
				b.WriteString("`" + p.File + "`\n\n")
			}
			b.WriteString("```" + p.language() + "\n" + p.Text + "```\n\n")
		}
	})
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// Help is the explanation of a code as diag.SARIF asks for it.
func Help(c diag.Code) (text, markdown string) {
	e, err := OfCode(c)
	if err != nil {
		return "", ""
	}
	return e.Text(), e.Markdown()
}

func (e *Code) title() string { return e.Code.String() + ": " + e.Code.Title() }

// example gives the two halves of the example with what is said of each.
func (e *Code) example(give func(what string, parts []Part)) {
	by := ""
	if e.Command != defaultCommand {
		by = ", to '" + e.Command + "'"
	}
	if len(e.Fails) > 0 {
		give("This fails"+by, e.Fails)
		give("This passes", e.Passes)
	}
}

func (p Part) heading() string {
	if p.File == "" {
		return ""
	}
	return p.File + ":\n"
}

func (p Part) language() string {
	switch {
	case p.File == "":
		return "sh"
	case strings.HasSuffix(p.File, ".toml"):
		return "toml"
	case strings.HasSuffix(p.File, ".hcl"):
		return "hcl"
	case strings.HasSuffix(p.File, ".lock"):
		return "json"
	}
	return ""
}

const preface = `# Codes

What each code of a diagnostic stands for, why it is so, an example that fails and
its mend. ` + "`passportc explain P0301`" + ` says the same in a terminal. Of a file,
only those lines are shown that matter; the rest goes without saying.
`

// Document is a document of Markdown with the explanation of every code.
func Document(all []*Code) string {
	var b strings.Builder
	b.WriteString(preface)
	for _, e := range all {
		b.WriteString("\n## " + e.title() + "\n\n" + e.Markdown())
	}
	return b.String()
}

func indent(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(by)
		}
		b.WriteString(line)
	}
	return b.String()
}

// wrap breaks a paragraph into lines of at most so many characters.
func wrap(paragraph string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(paragraph) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
