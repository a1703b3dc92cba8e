package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// judge gives all faults that one file has by itself and by the schema alone: its
// shape and, once that is right, the rules between its values.
func (l *language) judge(doc *document, file *source.File) diag.List {
	var faults diag.List
	s := shape{doc, file}
	var findings []finding
	if !l.hasShape(doc, file.Root) {
		findings = l.ask(doc.shape, file.Root, doc.root, nil)
	}
	findings = append(findings, overlooked(findings, file.Root, doc.root)...)
	for _, f := range findings {
		if f.value == nil && misspelt(f, doc.root) {
			continue // its other name is among the findings
		}
		faults = append(faults, s.word(f))
	}
	if len(findings) > 0 {
		return faults
	}
	for _, r := range doc.rules {
		if l.keeps(r, doc, file.Root) {
			continue
		}
		for _, f := range l.ask(r.value, file.Root, doc.root, r) {
			faults = append(faults, s.rule(f))
		}
	}
	return faults
}

// misspelt reports whether a missing key is there after all, under a name that is
// reported as unknown and most likely means it.
func misspelt(f finding, root *field) bool {
	last := len(f.path) - 1
	schema := root.at(f.path[:last])
	for _, name := range f.parent.Names {
		if schema.members[name] == nil && slices.Contains(diag.Nearest(name, schema.order), f.path[last]) {
			return true
		}
	}
	return false
}

// rule words what CUE refused by a rule, whose text is "P0000 fault\nreason".
func (s shape) rule(f finding) diag.Diagnostic {
	code, text, ok := ruleCode(f.message)
	if !ok || f.value == nil { // not one of the rules' own texts: the rules met a value they were not written for
		return s.cannotBe(finding{path: f.path, value: s.file.Root}, diag.WrongForm, s.doc.root)
	}
	d := diag.Diagnostic{Severity: diag.Error, Code: code, Subject: f.value.Range}
	if code == diag.ReservedVariable { // its name is what is wrong
		d.Subject = f.value.Named()
	}
	d.Summary, d.Detail, _ = strings.Cut(text, "\n")
	return d
}

func ruleCode(message string) (diag.Code, string, bool) {
	number, text, _ := strings.Cut(message, " ")
	var code diag.Code
	if _, err := fmt.Sscanf(number, "P%04d", &code); err != nil || code.Title() == "" {
		return 0, "", false
	}
	return code, text, true
}
