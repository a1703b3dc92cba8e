package check

import (
	"fmt"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
)

// mention is how closely the rules look at a value.
type mention uint8

const (
	notMentioned mention = iota
	mentioned            // they refuse it, whatever it is, under some condition
	looked               // what it is matters
)

// rules are those that are judged together: none of them looks at what only others
// look at, and what is the same in many rooms is judged once.
type rules struct {
	name   string
	number int
	value  cue.Value // open: they look at some values and leave others alone
}

func (f *field) mention(r *rules) mention {
	if f == nil || r.number >= len(f.ruled) {
		return notMentioned
	}
	return f.ruled[r.number]
}

// readRules reads a definition of rules, of which each field is a group of them, and
// marks the values that each group mentions. What a group leaves out it cannot look at,
// so CUE is not given it. A mention of a key that is no part of the shape is an error:
// the rule could never hold.
func readRules(groups cue.Value, files []*ast.File, definition string, root *field) (all []*rules, err error) {
	for _, file := range files {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.Field); !ok || nameOf(f) != definition {
				continue
			} else if all, err = appendRules(all, groups, f.Value, root); err != nil {
				return nil, fmt.Errorf("%s: %w", definition, err)
			}
		}
	}
	return all, nil
}

func appendRules(all []*rules, groups cue.Value, text ast.Expr, root *field) ([]*rules, error) {
	table, ok := text.(*ast.StructLit)
	if !ok {
		return nil, fmt.Errorf("%T is no table of groups", text)
	}
	for _, decl := range table.Elts {
		f, ok := decl.(*ast.Field)
		if !ok || nameOf(f) == "" {
			return nil, fmt.Errorf("%T is no group of rules", decl)
		}
		r := &rules{nameOf(f), len(all), groups.LookupPath(cue.MakePath(cue.Str(nameOf(f))))}
		if !r.value.Exists() {
			return nil, fmt.Errorf("%s is no regular field", r.name)
		}
		if err := r.mark(root, f.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// nameOf gives the name of a field in the schema's text, "" if it is a pattern.
func nameOf(f *ast.Field) string {
	name, _, err := ast.LabelName(f.Label)
	if err != nil {
		return ""
	}
	return name
}

// mark marks what an expression mentions below f. What is only refused with error() is
// mentioned; of whatever is no table or list, all may matter.
func (r *rules) mark(f *field, e ast.Expr) error {
	switch e := e.(type) {
	case *ast.StructLit:
		f.mark(r, looked)
		for _, decl := range e.Elts {
			if err := r.markDecl(f, decl); err != nil {
				return err
			}
		}
		return nil
	case *ast.ListLit:
		f.mark(r, looked)
		return r.markItems(f, e)
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "error" {
			f.markAll(r, mentioned)
			return nil
		}
	}
	f.markAll(r, looked)
	return nil
}

// markItems marks what a list in the rules mentions of the first item and of others.
func (r *rules) markItems(f *field, list *ast.ListLit) error {
	for _, item := range list.Elts {
		part := f.first
		if rest, ok := item.(*ast.Ellipsis); ok {
			item, part = rest.Type, f.items
		}
		if part == nil || item == nil {
			continue
		}
		if err := r.mark(part, item); err != nil {
			return err
		}
	}
	return nil
}

func (r *rules) markDecl(f *field, decl ast.Decl) error {
	switch decl := decl.(type) {
	case *ast.Field:
		name := nameOf(decl)
		if name == "" {
			if f.pattern == nil {
				return fmt.Errorf("the shape has no free keys for %T", decl.Label)
			}
			return r.mark(f.pattern, decl.Value)
		}
		child := f.child(name)
		if child == nil {
			return fmt.Errorf("the shape has no %s", name)
		}
		return r.mark(child, decl.Value)
	case *ast.Comprehension:
		return r.mark(f, decl.Value)
	case *ast.Ellipsis:
		return nil
	}
	return fmt.Errorf("%T among the rules", decl)
}

// mark marks f as looked at, or closer.
func (f *field) mark(r *rules, m mention) {
	f.ruled = append(f.ruled, make([]mention, max(0, r.number+1-len(f.ruled)))...)
	f.ruled[r.number] = max(f.ruled[r.number], m)
}

// markAll marks f and all below it.
func (f *field) markAll(r *rules, m mention) {
	f.mark(r, m)
	for _, child := range f.members {
		child.markAll(r, m)
	}
	for _, child := range []*field{f.pattern, f.first, f.items} {
		if child != nil {
			child.markAll(r, m)
		}
	}
}
