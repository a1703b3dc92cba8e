package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// judge gives all faults that one file has by itself and by the schema alone: its
// shape and, once that is right, the rules between its values.
func (l *language) judge(doc *document, file *source.File) diag.List {
	var faults diag.List
	s := shape{doc, file}
	refused := map[*source.Value]bool{}
	findings := l.ask(doc.shape, file.Root, doc.root, false)
	for _, f := range findings {
		if f.value == nil && misspelt(f, doc.root) {
			continue
		}
		faults = append(faults, s.word(f))
		refused[f.value] = true
	}
	s.ranges(&faults, file.Root, doc.root, nil, refused)
	if len(findings) > 0 || faults.HasErrors() {
		return faults
	}
	for _, f := range l.ask(doc.rules, file.Root, doc.root, true) {
		faults = append(faults, s.rule(f))
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

// ranges judges what needs arithmetic on units: the bounds are the schema's, CUE
// has judged the form. It passes over what was refused already.
func (s shape) ranges(faults *diag.List, v *source.Value, schema *field, path []string, refused map[*source.Value]bool) {
	if schema == nil || refused[v] || schema.kind != v.Kind {
		return
	}
	if v.Kind == source.String && schema.limits != nil && !schema.limits.allow(v.Text) {
		*faults = append(*faults, s.cannotBe(finding{path: path, value: v}, diag.OutOfRange, schema))
	}
	for i, item := range v.Items {
		part := strconv.Itoa(i)
		s.ranges(faults, item, schema.child(part), append(slices.Clip(path), part), refused)
	}
	for _, name := range v.Names {
		s.ranges(faults, v.Fields[name], schema.child(name), append(slices.Clip(path), name), refused)
	}
}

func (l *limits) allow(text string) bool {
	if l.unit == nil {
		return uint64(len(text)) <= l.max
	}
	n, ok := l.unit.parse(text)
	return ok && n >= l.min && n <= l.max && n%l.step == 0
}

// rule words what CUE refused by a rule, whose text is "P0000 fault\nreason".
func (s shape) rule(f finding) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Subject: s.file.Source.Range(0, 0)}
	if f.value != nil {
		d.Subject = f.value.Range
	}
	code, text, ok := ruleCode(f.message)
	if !ok { // not one of the rules' own texts: the rules met a value they were not written for
		return s.cannotBe(finding{path: f.path, value: s.file.Root}, diag.WrongForm, s.doc.root)
	}
	d.Code = code
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
