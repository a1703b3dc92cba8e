package diag

import (
	"fmt"
	"io"
	"strings"
)

// WriteGitHub writes the list as commands of a GitHub workflow, sorted, one line
// each, which the runner turns into annotations of the files:
//
//	::error file=rooms/web/passport.toml,line=4,endLine=4,col=1,endColumn=4,title=P0301 …::unknown key "nmae"…
//
// Path is as in SARIF. The syntax is that of GitHub's "Workflow commands".
func (l List) WriteGitHub(w io.Writer, path func(name string) string) error {
	for _, d := range l.Sorted() {
		if _, err := io.WriteString(w, d.command(path)+"\n"); err != nil {
			return fmt.Errorf("cannot write diagnostics: %w", err)
		}
	}
	return nil
}

func (d Diagnostic) command(path func(string) string) string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+property.Replace(value)) }
	if d.Subject.Valid() {
		add("file", fileOf(d.Subject, path))
	}
	if d.Subject.HasText() {
		from, to := d.Subject.From(), d.Subject.To()
		add("line", fmt.Sprint(from.Line))
		add("endLine", fmt.Sprint(to.Line))
		if from.Line == to.Line { // columns are refused for more than one line
			add("col", fmt.Sprint(from.Column))
			add("endColumn", fmt.Sprint(max(from.Column, to.Column-1))) // the last column, not the one behind it
		}
	}
	add("title", strings.TrimSpace(d.Code.String()+" "+d.Code.Title()))
	text := d.sentences()
	for _, r := range d.Related {
		text += "\n\nand " + escape(r.Message, false)
		if r.Range.Valid() {
			text += " on " + fileOf(r.Range, path)
		}
		if r.Range.HasText() {
			text += fmt.Sprintf(":%d:%d", r.Range.From().Line, r.Range.From().Column)
		}
	}
	return "::" + d.Severity.String() + " " + strings.Join(properties, ",") + "::" + data.Replace(text)
}

// The runner undoes these, in data and in values of properties (actions/toolkit:
// packages/core/src/command.ts).
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func fileOf(r Range, path func(string) string) string {
	name := r.Name()
	if path != nil {
		name = path(name)
	}
	return escape(name, false)
}
