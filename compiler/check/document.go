package check

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	schema "github.com/anchor-os/anchor/cue"
)

// Documentation is what the schema says of a key, a profile of system calls, a class
// of devices or a parameter of the kernel.
type Documentation struct {
	Path     []string // the keys that lead to it; a list's items go without an index
	System   bool     // in system.toml, not in a passport
	Text     string   // what it means, in sentences
	Type     string   // in words: "a list of strings"; "" if it is no key
	Allowed  string   // what is asked beyond the type, in sentences; "" if nothing
	Required bool
	Default  string   // as TOML; "" without one
	Members  []Member // keys of a table, or what a listed value stands for
	Contents []string // system calls of a profile, nodes of a class
}

// Member is a key or a value that a Documentation lists.
type Member struct {
	Name     string
	Text     string // in one sentence
	Type     string // as in Documentation
	Bounds   string // of a key's value, in a sentence; "" without any
	Default  string // as in Documentation
	Required bool
}

// Document finds what path means: keys with dots between them, as in diagnostics,
// with or without indices of lists. "room." may stand before a path of a passport,
// and must not; "system." before one of system.toml, and must only where a passport
// has the same key. If there is no such key, it gives paths that may have been meant.
func Document(path string) (*Documentation, []string) {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	parts := splitPath(path)
	for _, try := range l.readings(parts) {
		if d := l.document(try.system, try.parts); d != nil {
			return d, nil
		}
	}
	return nil, l.meant(path, parts)
}

// DocumentedPaths gives every path that Document finds, sorted: those of
// system.toml with "system." before them.
func DocumentedPaths() []string {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	return l.paths()
}

// Documented gives every key of a passport, or of system.toml, in the schema's order,
// each table before its keys.
func Documented(system bool) (all []*Documentation) {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	var walk func(parts []string)
	walk = func(parts []string) {
		f := l.root(system).within(parts).element()
		for _, name := range f.order {
			path := append(slices.Clone(parts), name)
			all = append(all, l.document(system, path))
			walk(path)
		}
	}
	walk(nil)
	return all
}

// splitPath cuts a path at its dots and takes indices away: socket[0].name.
func splitPath(path string) (parts []string) {
	for _, part := range strings.Split(path, ".") {
		name, _, _ := strings.Cut(part, "[")
		parts = append(parts, strings.Trim(name, `"`))
	}
	return parts
}

// reading is one of the things that a path can mean.
type reading struct {
	system bool
	parts  []string
}

func (l *language) readings(parts []string) []reading {
	all := []reading{{false, parts}}
	if len(parts) > 1 {
		switch parts[0] {
		case "system":
			all = append(all, reading{true, parts[1:]})
		case "room", "passport":
			all = append(all, reading{false, parts[1:]})
		}
	}
	return append(all, reading{true, parts})
}

func (l *language) root(system bool) *field {
	if system {
		return l.system.root
	}
	return l.room.root
}

// element is the schema of what a list holds, or the schema itself.
func (f *field) element() *field {
	if f != nil && f.kind == source.Array {
		return cmp.Or(f.items, f.first)
	}
	return f
}

// within gives the schema of a path that names no items of lists.
func (f *field) within(parts []string) *field {
	for _, part := range parts {
		if f = f.element(); f == nil || f.kind != source.Table {
			return nil
		}
		f = f.child(part)
	}
	return f
}

func (l *language) document(system bool, parts []string) *Documentation {
	d := &Documentation{Path: parts, System: system}
	if f := l.root(system).within(parts); f != nil {
		d.fill(f)
		for name, text := range l.named(system, parts) {
			d.Members = append(d.Members, Member{Name: name, Text: firstSentence(text)})
		}
		slices.SortStableFunc(d.Members, func(a, b Member) int {
			if f.element().kind == source.Table {
				return 0 // in the schema's order
			}
			return cmp.Compare(a.Name, b.Name)
		})
		return d
	}
	if len(parts) < 3 {
		return nil
	}
	name := strings.Join(parts[2:], ".") // a parameter's can have dots
	text, known := l.named(system, parts[:2])[name]
	if !known {
		return nil
	}
	d.Path = append(slices.Clone(parts[:2]), name)
	d.Text, d.Contents = text, l.contents(d.Path)
	return d
}

func (d *Documentation) fill(f *field) {
	of := f.element()
	d.Text, d.Required = f.doc, f.required
	d.Type, d.Default = f.inWords(), f.defaultTOML()
	d.Allowed = sentences(f.howto, f.expectation())
	if f.kind == source.Array {
		d.Allowed = sentences(of.howto, of.expectation(), f.expectation())
		if of.doc != f.doc {
			d.Text = sentences(f.doc, of.doc)
		}
	}
	for _, name := range of.order {
		child := of.members[name]
		d.Members = append(d.Members, child.member(name))
	}
	if of.pattern != nil {
		d.Text = sentences(d.Text, of.pattern.doc)
		d.Allowed = sentences(of.pattern.howto, of.pattern.expectation(), d.Allowed)
	}
}

// member is what the list of its table's keys says of a key.
func (f *field) member(name string) Member {
	m := Member{Name: name, Text: firstSentence(f.doc), Type: f.inWords(), Default: f.defaultTOML(), Required: f.required}
	if of := f.element(); of.kind != source.Table {
		m.Bounds = of.expectation()
	}
	return m
}

// inWords is the type for a sentence: "a list of strings".
func (f *field) inWords() string {
	text := strings.TrimPrefix(f.kind.String(), "nothing")
	if f.kind == source.Array {
		text += " of " + plural[f.element().kind]
	}
	return text
}

func (f *field) defaultTOML() string {
	if f.fallback != "" && f.kind == source.String {
		return fmt.Sprintf("%q", f.fallback)
	}
	return f.fallback
}

var plural = map[source.Kind]string{
	source.Table: "tables", source.Array: "lists", source.String: "strings",
	source.Integer: "integers", source.Float: "fractions", source.Bool: "booleans",
}

// named gives the values that the schema defines by name for a key, with their
// meaning.
func (l *language) named(system bool, parts []string) map[string]string {
	switch path := strings.Join(parts, "."); {
	case !system && path == "system-calls.profile":
		return notes("profiles", slices.Collect(maps.Keys(l.profiles)))
	case !system && path == "network.mode":
		return notes("socketFamilies", slices.Collect(maps.Keys(l.families)))
	case !system && path == "devices.classes":
		return notes("deviceClasses", slices.Collect(maps.Keys(l.devices)))
	case system && path == "kernel.command-line":
		all := map[string]string{}
		for name, p := range l.allowed {
			all[name] = name + " " + p.expectation() + ": " + p.Reason + "."
		}
		return all
	}
	return nil
}

// notes gives the comments above the fields of a struct of the schema, which begin
// with the field's name. The compiled schema does not have them.
func notes(of string, names []string) map[string]string {
	all := map[string]string{}
	files, err := fs.Glob(schema.Files, "*.cue")
	for _, file := range files {
		text, _ := fs.ReadFile(schema.Files, file)
		parsed, _ := parser.ParseFile(file, text, parser.ParseComments)
		ast.Walk(parsed, func(n ast.Node) bool {
			f, isField := n.(*ast.Field)
			if !isField || label(f) != of {
				return !isField // only the outermost fields
			}
			if s, ok := f.Value.(*ast.StructLit); ok {
				for _, e := range s.Elts {
					if inner, ok := e.(*ast.Field); ok && slices.Contains(names, label(inner)) {
						all[label(inner)] = note(inner)
					}
				}
			}
			return false
		}, nil)
	}
	if err != nil || len(all) != len(names) {
		panic(fmt.Sprintf("the schema in cue/ is broken: %s has %d of %d comments", of, len(all), len(names)))
	}
	return all
}

func label(f *ast.Field) string {
	name, _, _ := ast.LabelName(f.Label)
	return name
}

func note(f *ast.Field) string {
	for _, group := range f.Comments() {
		if group.Doc {
			text := strings.Join(strings.Fields(group.Text()), " ")
			return strings.TrimPrefix(text, label(f)+": ")
		}
	}
	return ""
}

func (l *language) contents(parts []string) (all []string) {
	name := parts[len(parts)-1]
	if parts[0] == "system-calls" {
		return slices.Sorted(slices.Values(l.profiles[name]))
	}
	if parts[0] == "network" {
		return l.families[name]
	}
	for _, n := range l.devices[name] {
		access := " (read only)"
		if n.Writable {
			access = ""
		}
		all = append(all, n.Path+access)
	}
	return all
}

// firstSentence cuts a text behind its first full stop that ends a sentence.
func firstSentence(text string) string {
	if first, rest, ok := strings.Cut(text, ". "); ok && rest != "" {
		return first + "."
	}
	return text
}

// paths lists what document finds.
func (l *language) paths() (all []string) {
	for _, root := range []struct {
		system bool
		prefix string
	}{{false, ""}, {true, "system."}} {
		var walk func(f *field, parts []string)
		walk = func(f *field, parts []string) {
			if len(parts) > 0 {
				all = append(all, root.prefix+strings.Join(parts, "."))
			}
			for name := range l.named(root.system, parts) {
				all = append(all, root.prefix+strings.Join(parts, ".")+"."+name)
			}
			for name, child := range f.element().members {
				walk(child, append(slices.Clone(parts), name))
			}
		}
		walk(l.root(root.system), nil)
	}
	slices.Sort(all)
	return all
}

// meant gives paths that are near to one that does not exist: with another last part
// in its place, or with the same last part in another place.
func (l *language) meant(path string, parts []string) []string {
	all := l.paths()
	last := parts[len(parts)-1]
	var same []string
	for _, p := range all {
		if strings.HasSuffix(p, "."+last) {
			same = append(same, p)
		}
	}
	if len(same) > 0 && len(same) <= 3 {
		return same
	}
	if parts[0] == "room" {
		path = strings.TrimPrefix(path, "room.")
	}
	return diag.Nearest(path, all)
}
