package check

import (
	"fmt"

	"cuelang.org/go/cue/ast"
)

// mention is how closely the rules look at a value.
type mention uint8

const (
	notMentioned mention = iota
	mentioned            // they refuse it, whatever it is, under some condition
	looked               // what it is matters
)

func (f *field) mention() mention {
	if f == nil {
		return notMentioned
	}
	return f.ruled
}

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

// markRuled marks what an expression mentions below f. What is only refused with
// error() is mentioned; of whatever is no table or list, all may matter.
func (f *field) markRuled(e ast.Expr) error {
	switch e := e.(type) {
	case *ast.StructLit:
		f.ruled = looked
		for _, decl := range e.Elts {
			if err := f.markDecl(decl); err != nil {
				return err
			}
		}
		return nil
	case *ast.ListLit:
		f.ruled = looked
		return f.markItems(e)
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "error" {
			f.markAll(mentioned)
			return nil
		}
	}
	f.markAll(looked)
	return nil
}

// markItems marks what a list in the rules mentions of the first item and of others.
func (f *field) markItems(list *ast.ListLit) error {
	for _, item := range list.Elts {
		part := f.first
		if rest, ok := item.(*ast.Ellipsis); ok {
			item, part = rest.Type, f.items
		}
		if part == nil || item == nil {
			continue
		}
		if err := part.markRuled(item); err != nil {
			return err
		}
	}
	return nil
}

func (f *field) markDecl(decl ast.Decl) error {
	switch decl := decl.(type) {
	case *ast.Field:
		name := nameOf(decl)
		if name == "" {
			if f.pattern == nil {
				return fmt.Errorf("the shape has no free keys for %T", decl.Label)
			}
			return f.pattern.markRuled(decl.Value)
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

// markAll marks f and all below it as looked at, or closer.
func (f *field) markAll(m mention) {
	f.ruled = max(f.ruled, m)
	for _, child := range f.members {
		child.markAll(m)
	}
	for _, child := range []*field{f.pattern, f.first, f.items} {
		if child != nil {
			child.markAll(m)
		}
	}
}
