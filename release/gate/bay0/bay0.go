// Package bay0 is the gate on the size and the reach of PID 1: a person must be able to
// read all of it, and it must not be able to do what it has no business with.
//
// What it is held to is data: cmd/bay0/law.hcl has the budget, the uses of unsafe that
// are approved and the packages that are forbidden; docs/DEPENDENCIES.md has the modules,
// each with its licence and with who may import it.
package bay0

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Entry is the folder of the program.
const Entry = "cmd/bay0"

// Subject is what there is to judge.
type Subject struct {
	Law      *Law
	Modules  []Module
	Packages []Package // all that the program reaches, on every architecture
	Files    fs.FS     // the root of this module
	Root     string    // its name for messages
	Binaries []Binary
}

// Binary is the program as it is built for one architecture.
type Binary struct {
	Name  string
	Bytes []byte
}

// Report is what the gate has to say.
type Report struct {
	Parts  []Counted
	Lines  int // of code, in all parts
	Faults diag.List
}

// Counted is one part of the program with its lines of code.
type Counted struct {
	Part     Part
	Packages []string
	Lines    int
}

// Judge holds the program against its law. The error is about files that cannot be
// read.
func Judge(s Subject) (Report, error) {
	j := &judge{Subject: s, sources: map[string]*diag.Source{}}
	for _, part := range s.Law.Parts {
		j.Parts = append(j.Parts, Counted{Part: part})
	}
	if !slices.ContainsFunc(s.Packages, func(p Package) bool { return p.folder() == Entry }) {
		return j.Report, fmt.Errorf("%s is not among the packages", Entry)
	}
	for _, p := range s.Packages {
		if !p.own() {
			continue
		}
		if err := j.own(p); err != nil {
			return j.Report, err
		}
	}
	j.total()
	j.approvals()
	if err := j.reach(); err != nil {
		return j.Report, err
	}
	for _, b := range s.Binaries {
		j.binary(b)
	}
	return j.Report, nil
}

// judge is the program under judgement.
type judge struct {
	Subject
	Report
	sources map[string]*diag.Source // by path from the root
	used    []string                // files that use unsafe
}

func (j *judge) error(code diag.Code, at diag.Range, format string, args ...any) *diag.Diagnostic {
	return j.Faults.Error(code, at, fmt.Sprintf(format, args...))
}

// source reads a file of this module.
func (j *judge) source(name string) (*diag.Source, error) {
	if s := j.sources[name]; s != nil {
		return s, nil
	}
	text, err := fs.ReadFile(j.Files, name)
	if err != nil {
		return nil, err
	}
	j.sources[name] = diag.NewSource(path.Join(j.Root, name), text)
	return j.sources[name], nil
}

// own judges one package of this module: its lines, its files, its uses of unsafe.
func (j *judge) own(p Package) error {
	lines := 0
	for _, name := range p.files() {
		name = path.Join(p.folder(), name)
		source, err := j.source(name)
		if err != nil {
			return err
		}
		lines += Lines(source.Text)
		places, err := imports(source)
		if err != nil {
			return err
		}
		j.unsafe(name, places)
		j.hidden(name, places)
	}
	for _, name := range p.foreign() {
		j.error(diag.UnsafeUnapproved, diag.NewSource(path.Join(j.Root, p.folder(), name), nil).Whole(), "%s is not written in Go", path.Join(p.folder(), name)).
			Detail = "Nothing checks what assembler, C or an object does with memory."
	}
	part := j.part(p.folder())
	if part == nil {
		j.error(diag.ImportForbidden, j.Law.whole(), "%s reaches %s, which is in no part of it", Entry, p.folder()).
			Detail = "The law names the folders of this module that the program is made of."
		return nil
	}
	part.Lines += lines
	part.Packages = append(part.Packages, p.folder())
	return nil
}

// part finds the part whose folder is nearest to a package.
func (j *judge) part(folder string) (nearest *Counted) {
	length := -1
	for i := range j.Parts {
		for _, f := range j.Parts[i].Part.Folders {
			if (folder == f || strings.HasPrefix(folder, f+"/")) && len(f) > length {
				nearest, length = &j.Parts[i], len(f)
			}
		}
	}
	return nearest
}

// total holds the sum against the budget.
func (j *judge) total() {
	for _, p := range j.Parts {
		j.Lines += p.Lines
	}
	if j.Lines > j.Law.Lines {
		d := j.error(diag.TooManyLines, j.Law.lines, "%s has %d lines of code, and may have %d", Entry, j.Lines, j.Law.Lines)
		d.Detail = "Counted are lines that are neither blank nor only comment, of all packages of this module that it is made of, without tests."
		d.Hint = "move what can be decided before the boot into the compiler"
	}
}

// Summary is the report in one line.
func (r Report) Summary(law *Law) string {
	return fmt.Sprintf("%d of %d lines of code; %s", r.Lines, law.Lines, r.Faults.Counts())
}
