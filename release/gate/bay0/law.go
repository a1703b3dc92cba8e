package bay0

import (
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// MaxLaw is the largest law that is read, in bytes.
const MaxLaw = 64 << 10

// Law is what the program is held to; cmd/bay0/law.hcl explains itself.
type Law struct {
	Lines    int      `hcl:"lines"` // of code, at most
	Bytes    int64    `hcl:"bytes"` // of a binary, at most
	Licences []string `hcl:"licences"`

	Parts     []Part     `hcl:"part,block"`
	Approvals []Approval `hcl:"unsafe,block"`
	Bans      []Ban      `hcl:"forbid,block"`

	LinesRange hcl.Range `hcl:"lines,attr_range"`
	BytesRange hcl.Range `hcl:"bytes,attr_range"`

	source       *diag.Source
	lines, bytes diag.Range
}

// Part is a part of the program, with the lines of code that were planned for it.
type Part struct {
	Name    string   `hcl:"name,label"`
	Folders []string `hcl:"folders"` // of this module, with those below them
	Lines   int      `hcl:"lines"`
}

// Approval lets one file use unsafe.
type Approval struct {
	File   string    `hcl:"file,label"`
	Reason string    `hcl:"reason"`
	Head   hcl.Range `hcl:",def_range"`
}

// Ban forbids a package, and those below it, to all that the program is made of.
type Ban struct {
	Path   string    `hcl:"path,label"`
	Reason string    `hcl:"reason"`
	Head   hcl.Range `hcl:",def_range"`
}

// ReadLaw reads a law, and gives all that is wrong with it.
func ReadLaw(name string, text []byte) (*Law, diag.List) {
	l := &Law{source: diag.NewSource(name, text)}
	var faults diag.List
	if len(text) > MaxLaw {
		faults.Error(diag.TooLarge, diag.NewSource(name, nil).Whole(), fmt.Sprintf("the file has more than %d bytes", MaxLaw))
		return l, faults
	}
	file, found := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	for _, f := range found {
		l.note(&faults, diag.RulesSyntax, f)
	}
	if found.HasErrors() {
		return l, faults
	}
	for _, f := range gohcl.DecodeBody(file.Body, nil, l) {
		l.note(&faults, codeOf(f.Summary), f)
	}
	l.lines, l.bytes = l.place(l.LinesRange), l.place(l.BytesRange)
	for _, a := range l.Approvals {
		l.reasoned(&faults, a.Head, a.Reason)
	}
	for _, b := range l.Bans {
		l.reasoned(&faults, b.Head, b.Reason)
	}
	return l, faults
}

func (l *Law) reasoned(faults *diag.List, at hcl.Range, reason string) {
	if strings.TrimSpace(reason) == "" && !faults.HasErrors() {
		faults.Error(diag.RulesMissing, l.place(at), "the block gives no reason")
	}
}

// codeOf sorts what gohcl finds into the codes of rules.
func codeOf(summary string) diag.Code {
	switch {
	case strings.HasPrefix(summary, "Unsupported"):
		return diag.RulesUnknown
	case strings.HasPrefix(summary, "Missing"):
		return diag.RulesMissing
	case strings.HasPrefix(summary, "Variables"), strings.HasPrefix(summary, "Function"):
		return diag.RulesSyntax
	}
	return diag.RulesValue
}

func (l *Law) note(faults *diag.List, code diag.Code, f *hcl.Diagnostic) {
	at := l.source.Whole()
	if f.Subject != nil {
		at = l.place(*f.Subject)
	}
	faults.Error(code, at, strings.ToLower(f.Summary[:1])+f.Summary[1:]).Detail = f.Detail
}

func (l *Law) place(at hcl.Range) diag.Range {
	size := len(l.source.Text)
	return l.source.Range(min(at.Start.Byte, size), min(at.End.Byte, size))
}

// whole is the law as such, no line of it.
func (l *Law) whole() diag.Range { return diag.NewSource(l.source.Name, nil).Whole() }
