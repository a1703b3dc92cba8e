package lock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Summary is the delta in one line: "2 added, 1 moved; 1 refused, the rest to review".
func (d *Delta) Summary() string {
	effects, refused := map[Effect]int{}, 0
	for _, c := range d.Changes {
		effects[c.Effect]++
		if c.Verdict == Refused {
			refused++
		}
	}
	var parts []string
	for _, e := range []Effect{Added, Removed, Moved} {
		if n := effects[e]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, e))
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return fmt.Sprintf("%s; %d refused, %d to review", strings.Join(parts, ", "), refused, len(d.Changes)-refused)
}

// sections gives the changes by what they are in.
func (d *Delta) sections(give func(in string, changes []Change)) {
	for start := 0; start < len(d.Changes); {
		end := start
		for end < len(d.Changes) && d.Changes[end].In == d.Changes[start].In {
			end++
		}
		give(d.Changes[start].In, d.Changes[start:end])
		start = end
	}
}

// columns are what text and Markdown show of a change.
func (c Change) columns() []string {
	return []string{
		string(c.Effect), c.Name,
		between(c, func(s State) string { return s.From }),
		between(c, func(s State) string { return short(s.Version) }) + c.asked() + c.attributes(),
		between(c, func(s State) string { return s.Date }),
		strings.Join(append([]string{string(c.Verdict)}, c.Codes...), " "),
	}
}

// asked tells of another branch or tag that was asked for, from which later updates come.
func (c Change) asked() string {
	if c.Old == nil || c.New == nil || c.Old.From == "" || c.New.From == "" || c.Old.Asked == c.New.Asked {
		return ""
	}
	name := func(s *State) string {
		if s.Asked == "" {
			return "the default"
		}
		return s.Asked
	}
	return ", asked for " + name(c.Old) + " → " + name(c.New)
}

// between shows one thing of both sides: once where it is the same or only one has it.
func between(c Change, part func(State) string) string {
	switch {
	case c.Old == nil:
		return part(*c.New)
	case c.New == nil:
		return part(*c.Old)
	}
	old, new := part(*c.Old), part(*c.New)
	if old == new || old == "" {
		return new
	}
	if new == "" {
		return old
	}
	return old + " → " + new
}

// short cuts a revision as git does.
func short(version string) string {
	if revForm.MatchString(version) {
		return version[:12]
	}
	return version
}

// WriteText writes the delta for people: a line for each change.
func (d *Delta) WriteText(w io.Writer) error {
	var b bytes.Buffer
	d.sections(func(in string, changes []Change) {
		fmt.Fprintf(&b, "%s\n", in)
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, c := range changes {
			var cells []string
			for _, cell := range c.columns() {
				if cell != "" {
					cells = append(cells, cell)
				}
			}
			fmt.Fprintf(t, "  %s\n", strings.Join(cells, "\t"))
		}
		t.Flush() // into a buffer
		b.WriteByte('\n')
	})
	return write(w, b.Bytes())
}

var cellEscape = strings.NewReplacer("|", `\|`, "`", "'")

// WriteMarkdown writes the delta and its findings, those of the lock among them, as a
// comment on a change shows them.
func (d *Delta) WriteMarkdown(w io.Writer, findings diag.List) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "### Dependencies: %s\n", d.Summary())
	d.sections(func(in string, changes []Change) {
		fmt.Fprintf(&b, "\n#### %s\n\n| change | name | from | version | date | verdict |\n|---|---|---|---|---|---|\n", in)
		for _, c := range changes {
			for _, cell := range c.columns() {
				if b.WriteString("| "); cell != "" {
					fmt.Fprintf(&b, "`%s` ", cellEscape.Replace(cell))
				}
			}
			b.WriteString("|\n")
		}
	})
	if len(findings) > 0 {
		b.WriteString("\n#### Findings\n\n")
		for _, f := range findings.Sorted() {
			at := f.Subject.From()
			fmt.Fprintf(&b, "- %v `%s:%d:%d` `%s`\n", f.Code, cellEscape.Replace(f.Subject.Name()), at.Line, at.Column, cellEscape.Replace(f.Summary))
		}
	}
	return write(w, b.Bytes())
}

// WriteJSON writes the delta for programs, as one object with the fields changes, and
// findings as passportc check gives them. Field names are stable: they may be added to,
// never renamed.
func (d *Delta) WriteJSON(w io.Writer, findings diag.List) error {
	var list bytes.Buffer
	if err := findings.WriteJSON(&list); err != nil {
		return err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(struct {
		Changes  []Change        `json:"changes"`
		Findings json.RawMessage `json:"findings"`
	}{append([]Change{}, d.Changes...), list.Bytes()})
	if err != nil {
		return fmt.Errorf("cannot write the delta: %w", err)
	}
	return write(w, b.Bytes())
}

func write(w io.Writer, text []byte) error {
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("cannot write the delta: %w", err)
	}
	return nil
}
