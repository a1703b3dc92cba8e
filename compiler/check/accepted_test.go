package check

import (
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
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
