package check

import (
	"fmt"
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// words are the schema's lists of names with reasons. They are plain data, in which there
// is nothing to evaluate: CUE is not given them, which saves a tenth of a start.
type words struct {
	allowed   map[string]*parameter
	refused   map[string]string   // kernel parameters: the reason
	grantable map[string]string   // capabilities: what they are for
	withheld  map[string]string   // capabilities: the reason
	families  map[string][]string // of sockets, by network.mode
}

// takeWords reads the lists in the schema's files, and takes them out of these.
func takeWords(files []*ast.File) (w words, err error) {
	w = words{allowed: map[string]*parameter{}, refused: map[string]string{}, grantable: map[string]string{}, withheld: map[string]string{}, families: map[string][]string{}}
	into := map[string]func(name string, e ast.Expr) error{
		"allowedParameters":     func(name string, e ast.Expr) error { return readParameter(w.allowed, name, e) },
		"refusedParameters":     func(name string, e ast.Expr) error { return readWord(w.refused, name, e) },
		"grantableCapabilities": func(name string, e ast.Expr) error { return readWord(w.grantable, name, e) },
		"refusedCapabilities":   func(name string, e ast.Expr) error { return readWord(w.withheld, name, e) },
		"socketFamilies": func(name string, e ast.Expr) (err error) {
			w.families[name], err = plainTexts(e)
			return err
		},
	}
	for _, file := range files {
		file.Decls = slices.DeleteFunc(file.Decls, func(decl ast.Decl) bool {
			f, ok := decl.(*ast.Field)
			if !ok || into[nameOf(f)] == nil {
				return false
			}
			if fault := eachEntry(f.Value, into[nameOf(f)]); fault != nil && err == nil {
				err = fmt.Errorf("%s: %w", nameOf(f), fault)
			}
			return true
		})
	}
	return w, err
}

// eachEntry calls read with the fields of a table. What stands there of all of them at
// once, [string], holds only what is read here anyhow.
func eachEntry(table ast.Expr, read func(name string, e ast.Expr) error) error {
	list, ok := table.(*ast.StructLit)
	if !ok {
		return fmt.Errorf("%T is no table", table)
	}
	for _, decl := range list.Elts {
		f, ok := decl.(*ast.Field)
		if !ok {
			return fmt.Errorf("%T is no entry", decl)
		}
		if _, pattern := f.Label.(*ast.ListLit); pattern {
			continue
		}
		if err := read(nameOf(f), f.Value); err != nil {
			return fmt.Errorf("%s: %w", nameOf(f), err)
		}
	}
	return nil
}

func readWord(into map[string]string, name string, e ast.Expr) (err error) {
	if _, twice := into[name]; twice {
		return fmt.Errorf("is given twice")
	}
	into[name], err = plainText(e)
	return err
}

func readParameter(into map[string]*parameter, name string, e ast.Expr) error {
	p := &parameter{}
	if _, twice := into[name]; twice {
		return fmt.Errorf("is given twice")
	}
	into[name] = p
	if err := eachEntry(e, p.read); err != nil {
		return err
	}
	return p.whole()
}

// read takes one key of a parameter.
func (p *parameter) read(key string, e ast.Expr) (err error) {
	switch key {
	case "flag":
		p.Flag, err = plainTruth(e)
	case "values":
		p.Values, err = plainTexts(e)
	case "form":
		p.Form, err = plainText(e)
	case "written":
		p.Written, err = plainText(e)
	case "reason":
		p.Reason, err = plainText(e)
	default:
		err = fmt.Errorf("is no key of a parameter")
	}
	return err
}

func plainText(e ast.Expr) (string, error) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		return literal.Unquote(lit.Value)
	}
	return "", fmt.Errorf("%T is no plain text", e)
}

func plainTexts(e ast.Expr) (all []string, err error) {
	list, ok := e.(*ast.ListLit)
	if !ok {
		return nil, fmt.Errorf("%T is no list", e)
	}
	for _, item := range list.Elts {
		text, err := plainText(item)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

func plainTruth(e ast.Expr) (bool, error) {
	if lit, ok := e.(*ast.BasicLit); ok && (lit.Kind == token.TRUE || lit.Kind == token.FALSE) {
		return lit.Kind == token.TRUE, nil
	}
	return false, fmt.Errorf("%T is no truth", e)
}
