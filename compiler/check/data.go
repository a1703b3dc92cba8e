package check

import (
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/anchor-os/anchor/compiler/source"
)

// data gives the values of a file to CUE. CUE keeps quiet about some kinds of
// faults while there are others, so what it found is taken out of the way and it
// is asked again.
type data struct {
	open    map[*source.Value]bool     // faulty: given as `_`, which is anything
	removed map[*source.Value]bool     // unknown: left out
	added   map[*source.Value][]string // missing from a table: given as `_`
	rules   *rules                     // for rules: only what they look at, sizes as numbers of bytes
}

func newData(rules *rules) *data {
	return &data{
		open:    map[*source.Value]bool{},
		removed: map[*source.Value]bool{},
		added:   map[*source.Value][]string{},
		rules:   rules,
	}
}

// expr gives v, of which f is the schema or nil. Every key becomes a quoted label:
// to CUE, names such as _x and #x would mean something else.
func (d *data) expr(v *source.Value, f *field) ast.Expr {
	if d.open[v] {
		return ast.NewIdent("_")
	}
	if d.onlyThere(f) {
		return ast.NewBool(true)
	}
	switch v.Kind {
	case source.Table:
		return d.table(v, f)
	case source.Array:
		list := &ast.ListLit{}
		for i, item := range d.items(v, f) {
			list.Elts = append(list.Elts, d.expr(item, f.child(strconv.Itoa(i))))
		}
		return list
	case source.Integer:
		return signed(token.INT, strconv.FormatInt(v.Int, 10))
	case source.Float:
		return signed(token.FLOAT, strconv.FormatFloat(v.Float, 'e', -1, 64))
	case source.Bool:
		return ast.NewBool(v.Bool)
	}
	if d.rules != nil && f.hasUnit() {
		if n, ok := f.limits.unit.parse(v.Text); ok {
			return ast.NewLit(token.INT, strconv.FormatUint(n, 10))
		}
	}
	return ast.NewString(v.Text)
}

func (d *data) table(v *source.Value, f *field) ast.Expr {
	table := &ast.StructLit{}
	for _, name := range d.names(v, f) {
		if child := v.Fields[name]; !d.removed[child] {
			table.Elts = append(table.Elts, &ast.Field{Label: ast.NewString(name), Value: d.expr(child, f.child(name))})
		}
	}
	for _, name := range d.added[v] {
		table.Elts = append(table.Elts, &ast.Field{Label: ast.NewString(name), Value: ast.NewIdent("_")})
	}
	return table
}

// names gives the keys of a table that CUE is given.
func (d *data) names(v *source.Value, f *field) []string {
	if d.rules == nil {
		return v.Names
	}
	var names []string
	for _, name := range v.Names {
		if f.child(name).mention(d.rules) > notMentioned {
			names = append(names, name)
		}
	}
	return names
}

// items gives those of a list that CUE is given: the rules may look at the first only.
func (d *data) items(v *source.Value, f *field) []*source.Value {
	if d.rules != nil && f.items.mention(d.rules) == notMentioned && len(v.Items) > 1 {
		return v.Items[:1]
	}
	return v.Items
}

// onlyThere reports whether the rules ask for no more than that a value is there.
func (d *data) onlyThere(f *field) bool { return d.rules != nil && f.mention(d.rules) == mentioned }

// signed gives a number; CUE's literals have no sign of their own.
func signed(kind token.Token, text string) ast.Expr {
	if digits, negative := strings.CutPrefix(text, "-"); negative {
		return &ast.UnaryExpr{Op: token.SUB, X: ast.NewLit(kind, digits)}
	}
	return ast.NewLit(kind, text)
}
