package diag

import (
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

const (
	wrapWidth = 78 // characters to a line of detail

	codeRed    = "\x1b[31m"
	codeYellow = "\x1b[33m"
	codeBold   = "\x1b[1m"
	codeReset  = "\x1b[0m"
)

// WriteText writes the list for people, sorted:
//
//	Error: unknown key "nmae" [P0301]
//
//	  on rooms/web/passport.toml:12:1, in [room]:
//	  12: nmae = "web"
//	      ^^^^
//
//	A [room] has no key "nmae".
//
//	hint: did you mean "name"?
//
// The layout is that of hcl's diagnostic writer, to which this adds the column,
// the caret line, the code, related places and the hint. Color adds VT100 colour.
func (l List) WriteText(w io.Writer, color bool) error {
	for _, d := range l.Sorted() {
		if _, err := io.WriteString(w, d.text(color)); err != nil {
			return fmt.Errorf("cannot write diagnostics: %w", err)
		}
	}
	return nil
}

func (d Diagnostic) text(color bool) string {
	head := escape(d.Summary, false) + " [" + d.Code.String() + "]"
	var b strings.Builder
	b.WriteString(place{d.Severity, d.Subject, d.Context, color}.render(head, "on"))
	for _, r := range d.Related {
		out := place{d.Severity, r.Range, Range{}, color}.render("", "and "+escape(r.Message, false)+" on")
		_, out, _ = strings.Cut(out, "\n\n")
		b.WriteString(out)
	}
	b.WriteString(paragraph(d.Detail))
	if d.Hint != "" {
		b.WriteString(paint("hint:", codeBold, color) + " " + escape(d.Hint, true) + "\n\n")
	}
	return b.String()
}

// paragraph lets hcl's writer wrap the detail, by giving it nothing else to say.
func paragraph(detail string) string {
	var b strings.Builder
	w := hcl.NewDiagnosticTextWriter(&b, nil, wrapWidth, false)
	w.WriteDiagnostic(&hcl.Diagnostic{Severity: hcl.DiagError, Detail: escape(detail, true)})
	_, out, _ := strings.Cut(b.String(), "\n\n")
	return out
}

// place is one range to be shown, by hcl's writer first, then completed.
type place struct {
	severity Severity
	subject  Range
	context  Range
	color    bool
}

// render gives the headline and the place, each followed by a blank line.
func (p place) render(head, on string) string {
	var b strings.Builder
	hd := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: head}
	if p.severity == Warning {
		hd.Severity = hcl.DiagWarning
	}
	ex := newExcerpt(p.subject, p.context)
	name := escape(p.subject.Name(), false)
	if p.subject.Valid() {
		hd.Subject = &hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
	}
	files := map[string]*hcl.File{}
	if ex != nil {
		hd.Subject.Start, hd.Subject.End = ex.subject()
		files[name] = &hcl.File{Bytes: ex.text, Nav: section{p.subject}}
		hd.Context = ex.all(name)
	}
	// Writing to memory cannot fail.
	_ = hcl.NewDiagnosticTextWriter(&b, files, wrapWidth, p.color).WriteDiagnostic(hd)
	return p.complete(b.String(), name, on, ex)
}

// complete puts line and column into the line that names the file, the file's
// own line numbers before the excerpt, and carets below what is wrong.
func (p place) complete(out, name, on string, ex *excerpt) string {
	if !p.subject.Valid() {
		return out
	}
	lines := strings.Split(out, "\n")
	if ex == nil {
		return strings.Join([]string{lines[0], "", "  " + on + " " + name, "", ""}, "\n")
	}
	from := p.subject.From()
	lineName := fmt.Sprintf("  on %s line %d", name, ex.subjectLine())
	done := []string{lines[0], "", fmt.Sprintf("  %s %s:%d:%d", on, name, from.Line, from.Column) + strings.TrimPrefix(lines[2], lineName)}
	for i := range ex.count {
		text := lines[3+i][len("   1: "):]
		done = append(done, strings.TrimRight(fmt.Sprintf("%4d: %s", ex.first+i, text), " "))
		if i == ex.at {
			done = append(done, strings.Repeat(" ", 6+ex.indent)+paint(strings.Repeat("^", ex.carets), p.paint(), p.color))
		}
	}
	return strings.Join(append(done, lines[3+ex.count:]...), "\n")
}

func (p place) paint() string {
	if p.severity == Warning {
		return codeYellow
	}
	return codeRed
}

func paint(s, code string, color bool) string {
	if !color {
		return s
	}
	return code + s + codeReset
}

// section answers hcl's question in which block of the file the subject lies.
type section struct{ subject Range }

func (s section) ContextString(int) string {
	if s.subject.Source.Section == nil {
		return ""
	}
	return escape(s.subject.Source.Section(s.subject.Start), false)
}
