package bay0

import (
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// ModulesFile is where the modules are listed that this one imports.
const ModulesFile = "docs/DEPENDENCIES.md"

// MaxModules is the largest list of modules that is read, in bytes.
const MaxModules = 256 << 10

// Module is a module of others that this one imports.
type Module struct {
	Path    string
	Licence string   // as SPDX names it
	UsedBy  []string // folders of this module, or "tests"
	Purpose string
	Place   diag.Range
}

var row = lazyregexp.New(`(?m)^\| ([a-z0-9.]+/[^ |]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)

// ReadModules reads the table in docs/DEPENDENCIES.md: module, licence, who uses it and
// what for. A row without a purpose is none.
func ReadModules(name string, text []byte) (all []Module) {
	source := diag.NewSource(name, text)
	for _, m := range row.FindAllSubmatchIndex(text, -1) {
		cell := func(i int) string { return strings.TrimSpace(string(text[m[2*i]:m[2*i+1]])) }
		if cell(4) == "" {
			continue // one that nobody says what it is for is not approved
		}
		all = append(all, Module{cell(1), cell(2), strings.Split(cell(3), ", "), cell(4), source.Range(m[0], m[1])})
	}
	return all
}

// MayImport reports whether a folder of this module may import the module.
func (m Module) MayImport(folder string) bool {
	for _, user := range m.UsedBy {
		if folder == user || strings.HasPrefix(folder, user+"/") {
			return true
		}
	}
	return false
}
