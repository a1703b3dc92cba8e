package check

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	schema "github.com/anchor-os/anchor/cue"
)

// A mutant is the schema without one of its constraints.
type mutant struct {
	name       string // where the constraint stands, and which it is
	file       string
	start, end int // of the text that gives way
	instead    string
	data       bool // the constraint holds the schema's own data
	words      bool // it only decides what is said
	narrows    bool // without it, not all that was valid has to be
}

// files gives the mutated schema.
func (m mutant) files(t testing.TB) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range schemaFiles(t) {
		if name == m.file {
			text = withoutNeedless(text[:m.start] + m.instead + text[m.end:])
		}
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// withoutNeedless takes away imports that a mutant does not use any more, which CUE
// would refuse.
func withoutNeedless(text string) string {
	for _, name := range []string{"list", "strings", "struct"} {
		if !strings.Contains(text, name+".M") {
			text = strings.Replace(text, "\t\""+name+"\"\n", "", 1)
		}
	}
	return text
}

func schemaFiles(t testing.TB) map[string]string {
	t.Helper()
	names, err := fs.Glob(schema.Files, "*.cue")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(schema.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

// mutants takes every constraint out of the schema, one at a time:
//
//   - the mark of a required key
//   - each conjunct, bound, regular expression and validator
//   - each type, reference to a definition that is no table, literal, and list of literals
//   - the closedness of each table, the form of its free keys, and the special first
//     item of a list
//   - each attribute, and each of its bounds
//   - each rule, and each guarded group of rules
//   - each parameter of the kernel that is allowed, or refused with a reason, and what
//     each may be set to
//   - each capability that can be granted, or is refused with a reason
func mutants(t *testing.T) []mutant {
	var all []mutant
	for name, text := range schemaFiles(t) {
		file, err := parser.ParseFile(name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		b := &breeder{file: name, text: text, tables: tableDefinitions(file)}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.Field); ok {
				b.top(f)
			}
		}
		all = append(all, b.all...)
	}
	count := map[string]int{}
	for i, m := range all { // two that are called the same are told apart by their order
		if count[m.name]++; count[m.name] > 1 {
			all[i].name += fmt.Sprintf(" (%d)", count[m.name])
		}
	}
	return all
}

func tableDefinitions(file *ast.File) map[string]*ast.StructLit {
	all := map[string]*ast.StructLit{}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.Field); ok {
			if table, ok := f.Value.(*ast.StructLit); ok {
				all[labelText(f)] = table
			}
		}
	}
	return all
}

// breeder walks one file of the schema.
type breeder struct {
	file, text string
	tables     map[string]*ast.StructLit // definitions in the file
	all        []mutant
	data       bool
	words      bool
}

func (b *breeder) add(path, what string, start, end int, instead string) {
	b.all = append(b.all, mutant{path + ": " + what, b.file, start, end, instead, b.data, b.words, false})
}

// remove takes a node out.
func (b *breeder) remove(path, what string, n ast.Node) {
	b.add(path, what, n.Pos().Offset(), n.End().Offset(), "")
}

// replace puts a looser expression in the place of one.
func (b *breeder) replace(path string, e ast.Expr, looser string) {
	b.add(path, "without "+b.source(e), e.Pos().Offset(), e.End().Offset(), looser)
}

func (b *breeder) source(n ast.Node) string {
	text := strings.Join(strings.Fields(b.text[n.Pos().Offset():n.End().Offset()]), " ")
	if len(text) > 60 {
		text = text[:strings.LastIndexByte(text[:60], ' ')+1] + "…"
	}
	return strings.ToValidUTF8(text, "")
}

// top walks a definition, or a table of the schema's own data.
func (b *breeder) top(f *ast.Field) {
	name := labelText(f)
	switch {
	case slices.Contains(lists, name):
		b.entries(name, f.Value.(*ast.StructLit))
	case name == "deviceClasses":
		for _, decl := range f.Value.(*ast.StructLit).Elts {
			if each := decl.(*ast.Field); labelText(each) == "[string]" { // the others are the classes themselves
				b.data = true
				b.expr(name, each.Value)
			}
		}
		b.data = false
	case name == "#DeviceNode":
		b.data = true
		b.expr(name, f.Value)
		b.data = false
	case strings.HasSuffix(name, "Rules"):
		b.rules(name, f.Value.(*ast.StructLit))
	case strings.HasPrefix(name, "#"):
		b.attributes(name, f)
		b.expr(name, f.Value)
	}
}

// lists are the schema's own, of what can be named and what not.
var lists = []string{"allowedParameters", "refusedParameters", "grantableCapabilities", "refusedCapabilities"}

// entries removes each entry of a list, and what a parameter may be set to. What is
// said of all entries holds only the schema's own words.
func (b *breeder) entries(name string, list *ast.StructLit) {
	for _, decl := range list.Elts {
		entry := decl.(*ast.Field)
		if labelText(entry) == "[string]" {
			continue
		}
		b.words = true
		b.remove(name, labelText(entry), entry)
		b.words = false
		if name == "allowedParameters" {
			b.set(name+"."+labelText(entry), entry.Value.(*ast.StructLit))
		}
	}
}

// set lets a parameter be set to anything.
func (b *breeder) set(path string, parameter *ast.StructLit) {
	first, last := parameter.Elts[0], parameter.Elts[len(parameter.Elts)-1] // the last is the reason
	b.add(path, "set to anything", first.Pos().Offset(), last.Pos().Offset(), "form: \".*\"\nwritten: \"anything\"\n")
	b.all[len(b.all)-1].narrows = true
}

func labelText(f *ast.Field) string {
	if name, _, err := ast.LabelName(f.Label); err == nil {
		return name
	}
	if list, ok := f.Label.(*ast.ListLit); ok {
		if ident, ok := list.Elts[0].(*ast.Ident); ok {
			return "[" + ident.Name + "]"
		}
	}
	return "*"
}

// expr walks what a value is asked.
func (b *breeder) expr(path string, e ast.Expr) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.AND {
			b.conjuncts(path, e)
			return
		}
		b.replace(path, e, "string") // listed texts
	case *ast.UnaryExpr, *ast.CallExpr:
		b.replace(path, e, "string")
	case *ast.BasicLit:
		b.replace(path, e, map[bool]string{true: "int", false: "string"}[e.Kind == token.INT])
	case *ast.Ident, *ast.SelectorExpr:
		b.reference(path, e)
	case *ast.StructLit:
		b.table(path, e)
	case *ast.ListLit:
		b.list(path, e)
	}
}

// conjuncts removes each of several constraints, and walks what is in them.
func (b *breeder) conjuncts(path string, e ast.Expr) {
	all := flatten(e)
	for i, c := range all {
		_, table := c.(*ast.StructLit)
		_, list := c.(*ast.ListLit)
		switch {
		case table || list:
			b.expr(path, c)
		case i == 0:
			b.add(path, "without "+b.source(c), c.Pos().Offset(), all[1].Pos().Offset(), "")
		default:
			b.add(path, "without "+b.source(c), all[i-1].End().Offset(), c.End().Offset(), "")
		}
	}
}

// reference removes one to a type, or to what a text must be. That a value is a table of
// the schema asks no more than what that table asks, of which each is removed there.
func (b *breeder) reference(path string, e ast.Expr) {
	if name, ok := e.(*ast.Ident); !ok || b.tables[name.Name] == nil {
		b.replace(path, e, "_")
	}
}

func flatten(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.AND {
		return append(flatten(b.X), flatten(b.Y)...)
	}
	return []ast.Expr{e}
}

func (b *breeder) table(path string, table *ast.StructLit) {
	b.add(path, "open", table.Rbrace.Offset(), table.Rbrace.Offset(), "\n...\n")
	for _, decl := range table.Elts {
		f := decl.(*ast.Field)
		below := path + "." + labelText(f)
		if f.Constraint == token.NOT {
			at := f.Label.End().Offset()
			b.add(below, "not required", at, at+1, "?")
		}
		if list, ok := f.Label.(*ast.ListLit); ok {
			if _, plain := list.Elts[0].(*ast.Ident); !plain {
				b.replace(below+" key", list.Elts[0], `=~""`)
			}
		}
		b.attributes(below, f)
		b.expr(below, f.Value)
	}
}

func (b *breeder) list(path string, list *ast.ListLit) {
	for i, item := range list.Elts {
		if rest, ok := item.(*ast.Ellipsis); ok {
			if rest.Type != nil {
				b.expr(path+"[]", rest.Type)
			}
			continue
		}
		b.add(path, "without a first item", item.Pos().Offset(), list.Elts[i+1].Pos().Offset(), "")
		b.expr(path+"[0]", item)
	}
}

// attributes removes each attribute, and each argument of one that has several. A
// default is no constraint.
func (b *breeder) attributes(path string, f *ast.Field) {
	for _, a := range f.Attrs {
		name, args, _ := strings.Cut(strings.TrimSuffix(a.Text, ")"), "(")
		if name == "@default" {
			continue
		}
		if units[name[1:]] == nil {
			b.remove(path, "without "+name, a)
		} else { // the unit is no bound
			b.add(path, "without bounds", a.Pos().Offset(), a.End().Offset(), name+"()")
		}
		all := strings.Split(args, ",")
		if len(all) < 2 {
			continue
		}
		for i, arg := range all {
			others := append(append([]string{}, all[:i]...), all[i+1:]...)
			b.add(path, "without "+name+" "+arg, a.Pos().Offset(), a.End().Offset(), name+"("+strings.Join(others, ",")+")")
		}
	}
}

// rules removes each rule, and each group of rules under a condition. What else
// stands in a definition of rules only names the values that they look at.
func (b *breeder) rules(path string, table *ast.StructLit) {
	for _, decl := range table.Elts {
		switch decl := decl.(type) {
		case *ast.Comprehension:
			b.remove(path, "without rules if "+b.source(decl.Clauses[0]), decl)
			b.rules(path, decl.Value.(*ast.StructLit))
		case *ast.Field:
			below := path + "." + labelText(decl)
			if isRule(decl.Value) {
				b.add(below, "without its rule", decl.Value.Pos().Offset(), decl.Value.End().Offset(), "_")
			}
			ast.Walk(decl.Value, func(n ast.Node) bool {
				if inner, ok := n.(*ast.StructLit); ok {
					b.rules(below, inner)
					return false
				}
				return true
			}, nil)
		}
	}
}

// isRule reports whether an expression calls error() outside inner tables.
func isRule(e ast.Expr) (is bool) {
	ast.Walk(e, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			name, ok := call.Fun.(*ast.Ident)
			is = is || ok && name.Name == "error"
		}
		_, table := n.(*ast.StructLit)
		return !table
	}, nil)
	return is
}
