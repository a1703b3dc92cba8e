package check

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"

	"github.com/anchor-os/anchor/compiler/source"
)

// TestShapesLookAtNothingElse holds the schema to what makes it right to judge each
// value by itself: in the shapes, no value refers to another one. They refer to
// definitions, to CUE's own types and functions, and to the schema's tables.
func TestShapesLookAtNothingElse(t *testing.T) {
	known := map[string]bool{
		"int": true, "string": true, "bool": true, "list": true, "strings": true, "struct": true,
		"or": true, "profiles": true, "deviceClasses": true,
		"name": true, // of a profile or class, in the comprehensions that list them
	}
	seen := 0
	for name, text := range schemaFiles(t) {
		file, err := parser.ParseFile(name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.Field)
			if !ok || !strings.HasPrefix(nameOf(f), "#") || strings.HasSuffix(nameOf(f), "Rules") {
				continue
			}
			seen += references(f, func(n *ast.Ident) {
				if !known[n.Name] && n.Name[0] != '#' && n.Name[0] != '_' {
					t.Errorf("%v: %s is another value", n.Pos(), n.Name)
				}
			})
		}
	}
	if seen < 80 {
		t.Errorf("only %d references were seen", seen)
	}
}

// references calls visit with every name in the value of a field that is a reference:
// no label, and no function of a package.
func references(f *ast.Field, visit func(*ast.Ident)) (count int) {
	ast.Walk(f.Value, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			count += references(n, visit)
			return false
		case *ast.SelectorExpr:
			if ident, ok := n.X.(*ast.Ident); ok {
				visit(ident)
				count++
				return false
			}
		case *ast.Ident:
			visit(n)
			count++
		}
		return true
	}, nil)
	return count
}

// TestSameVerdictOfValuesAndFiles asks CUE about every file of testdata both ways.
func TestSameVerdictOfValuesAndFiles(t *testing.T) {
	for _, pattern := range []string{"testdata/valid/*.txtar", "testdata/*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%d archives, error %v", len(names), err)
		}
		for _, name := range names {
			for _, file := range parse(t, name).Files {
				if file.Name != "want" {
					sameVerdict(t, file.Data, file.Name != "system.toml")
				}
			}
		}
	}
}

// TestInstancesUnify asks about every text, number and truth of testdata as the value of
// every key of that kind: whatever CUE says is an instance of a key's schema unifies with
// it too, and the other way round.
func TestInstancesUnify(t *testing.T) {
	values := map[source.Kind]map[string]*source.Value{source.String: {}, source.Integer: {}, source.Bool: {}}
	note := func(v *source.Value) { values[v.Kind][shown(v)+v.Text] = v }
	for _, text := range []string{"\x00", "\n", "a\n", "lo", "ß", "\u200d", "256.1.1.1", "-", strings.Repeat("é", 201), strings.Repeat("A", 65)} {
		note(&source.Value{Kind: source.String, Text: text})
	}
	for _, n := range []int64{math.MinInt64, -1, 0, 1, math.MaxInt64} {
		note(&source.Value{Kind: source.Integer, Int: n})
	}
	for _, f := range fixtures(t, "testdata/*.txtar") {
		for _, dir := range f.tree.Rooms {
			if dir.Passport != nil {
				scalars(dir.Passport.Root, note)
			}
		}
		if f.tree.System != nil {
			scalars(f.tree.System.Root, note)
		}
	}
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	asked, instances := 0, 0
	for _, doc := range []*document{&l.room, &l.system} {
		doc.root.each(func(f *field) {
			for _, v := range values[f.kind] {
				asked++
				unifies := l.refusal(f.value, newData(nil).expr(v, f)) == nil
				if instance := l.subsumes(f.value, v, f); instance != unifies {
					t.Errorf("%s for %q: %t as an instance, %t unified", shown(v), f.doc, instance, unifies)
				}
				if unifies {
					instances++
				}
			}
		})
	}
	if t.Logf("%d values asked about, of which %d are instances", asked, instances); asked < 10_000 || instances < 1000 {
		t.Error("that is too few to show anything")
	}
}

// scalars gives every text, number and truth below v.
func scalars(v *source.Value, note func(*source.Value)) {
	switch v.Kind {
	case source.String, source.Integer, source.Bool:
		note(v)
	}
	for _, item := range v.Items {
		scalars(item, note)
	}
	for _, name := range v.Names {
		scalars(v.Fields[name], note)
	}
}

// each visits f and all below it.
func (f *field) each(visit func(*field)) {
	visit(f)
	for _, name := range f.order {
		f.members[name].each(visit)
	}
	for _, child := range []*field{f.pattern, f.first, f.items} {
		if child != nil {
			child.each(visit)
		}
	}
}
