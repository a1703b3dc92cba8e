package bay0

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ListFields are what go list -json must tell of a package.
const ListFields = "ImportPath,Dir,Imports,Module,GoFiles,IgnoredGoFiles,IgnoredOtherFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles"

// Package is one package as go list -json tells of it.
type Package struct {
	ImportPath string
	Dir        string // where its files are
	Imports    []string
	Module     *struct {
		Path    string
		Version string
		Main    bool
		Replace *struct{ Path, Version string }
	}
	GoFiles, IgnoredGoFiles, CgoFiles                []string
	CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles []string
	SwigFiles, SwigCXXFiles, SysoFiles               []string
	IgnoredOtherFiles                                []string // of the languages above
}

// lists are all that differs from one architecture to another.
func (p *Package) lists() []*[]string {
	return []*[]string{
		&p.Imports, &p.GoFiles, &p.IgnoredGoFiles, &p.CgoFiles, &p.CFiles, &p.CXXFiles, &p.MFiles, &p.HFiles,
		&p.FFiles, &p.SFiles, &p.SwigFiles, &p.SwigCXXFiles, &p.SysoFiles, &p.IgnoredOtherFiles,
	}
}

// ReadList reads what go list -deps -json writes, and adds it to packages that were
// listed for another architecture.
func ReadList(r io.Reader, all []Package) ([]Package, error) {
	for d := json.NewDecoder(r); ; {
		var p Package
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, fmt.Errorf("cannot read what go list says: %w", err)
		}
		if i := slices.IndexFunc(all, func(known Package) bool { return known.ImportPath == p.ImportPath }); i >= 0 {
			others := p.lists()
			for k, list := range all[i].lists() {
				*list = union(*list, *others[k])
			}
			continue
		}
		all = append(all, p)
	}
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// own reports whether the package is of this module.
func (p Package) own() bool { return p.Module != nil && p.Module.Main }

// folder is the package's folder in this module, "" for one of others.
func (p Package) folder() string {
	if !p.own() {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, p.Module.Path), "/")
}

// files are all of the package's files of Go, whatever they are built for, but tests.
func (p Package) files() []string {
	all := union(slices.Concat(p.GoFiles, p.CgoFiles), p.IgnoredGoFiles)
	return slices.DeleteFunc(all, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// foreign are the package's files in other languages, whatever they are built for.
func (p Package) foreign() []string {
	return union(slices.Concat(p.CFiles, p.CXXFiles, p.MFiles, p.HFiles, p.FFiles, p.SFiles, p.SwigFiles, p.SwigCXXFiles, p.SysoFiles), p.IgnoredOtherFiles)
}
