package check

import (
	"fmt"

	"cuelang.org/go/cue/ast"
)

// markRuled marks the values that a definition of rules mentions. What it leaves
// out, the rules cannot look at, so CUE is not given it. A mention of a key that is
// no part of the shape is an error: the rule could never hold.
func markRuled(files []*ast.File, rules string, root *field) error {
	for _, file := range files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.Field)
			if !ok || nameOf(f) != rules {
				continue
			}
			if err := root.markRuled(f.Value); err != nil {
				return fmt.Errorf("%s: %w", rules, err)
			}
		}
	}
	return nil
}

// nameOf gives the name of a field in the schema's text, "" if it is a pattern.
func nameOf(f *ast.Field) string {
	name, _, err := ast.LabelName(f.Label)
	if err != nil {
		return ""
	}
	return name
}

// markRuled marks what an expression mentions below f. Whatever is no table or list
// in the rules counts as a mention of all that is below.
func (f *field) markRuled(e ast.Expr) error {
	f.ruled = true
	switch e := e.(type) {
	case *ast.StructLit:
		for _, decl := range e.Elts {
			if err := f.markDecl(decl); err != nil {
				return err
			}
		}
		return nil
	case *ast.ListLit:
		for _, item := range e.Elts {
			if rest, ok := item.(*ast.Ellipsis); ok {
				item = rest.Type
			}
			for _, part := range []*field{f.first, f.items} {
				if part == nil || item == nil {
					continue
				}
				if err := part.markRuled(item); err != nil {
					return err
				}
			}
		}
		return nil
	}
	f.markAll()
	return nil
}

func (f *field) markDecl(decl ast.Decl) error {
	switch decl := decl.(type) {
	case *ast.Field:
		name := nameOf(decl)
		if name == "" { // it may look at any key
			f.markAll()
			return nil
		}
		child := f.child(name)
		if child == nil {
			return fmt.Errorf("the shape has no %s", name)
		}
		return child.markRuled(decl.Value)
	case *ast.Comprehension:
		return f.markRuled(decl.Value)
	case *ast.Ellipsis:
		return nil
	}
	return fmt.Errorf("%T among the rules", decl)
}

func (f *field) markAll() {
	f.ruled = true
	for _, child := range f.members {
		child.markAll()
	}
	for _, child := range []*field{f.pattern, f.first, f.items} {
		if child != nil {
			child.markAll()
		}
	}
}
