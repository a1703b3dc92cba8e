package check

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"

	"github.com/anchor-os/anchor/compiler/source"
)

// accepted remembers by content what CUE accepted: rooms of one machine have much
// in common, and CUE takes nearly all of the time. For the shape it is asked about
// each value that is no plain table, since in the shape no value looks at another;
// for each group of rules, about what they mention. What it refuses is not remembered: then it
// is asked about the whole file, for the words and places of all faults.
type accepted map[[sha256.Size]byte]bool

// mostAccepted bounds what is remembered: a few values of as many rooms as there can
// be.
const mostAccepted = 64 << 10

// hasShape reports whether CUE accepts every value in a file, and each table has the
// keys that it should have and no others.
func (l *language) hasShape(doc *document, root *source.Value) bool {
	return l.fits(doc.name, root, doc.root)
}

func (l *language) fits(path string, v *source.Value, f *field) bool {
	path = cmp.Or(f.definition, path) // what is asked by one definition is asked once
	switch {
	case f.plain && v.Kind == source.Table:
		return l.tableFits(path, v, f)
	case f.free() && v.Kind == source.Table:
		return l.namesFit(path, v, f) && l.eachFits(path, v, f)
	case f.kind == source.Array && v.Kind == source.Array:
		return l.listFits(path, v, f)
	}
	return l.accepts(path, f.value, v, f, nil)
}

// free reports whether the keys of a table are its author's, but for their form.
func (f *field) free() bool { return f.pattern != nil && len(f.members) == 0 }

// namesFit asks about the keys of a table alone.
func (l *language) namesFit(path string, v *source.Value, f *field) bool {
	digest := sha256.Sum256(fmt.Appendf(nil, "%s\x00names\x00%q", path, v.Names))
	if l.accepted[digest] {
		return true
	}
	names := &ast.StructLit{}
	for _, name := range v.Names {
		names.Elts = append(names.Elts, &ast.Field{Label: ast.NewString(name), Value: ast.NewIdent("_")})
	}
	if f.value.Unify(l.ctx.BuildExpr(names)).Validate() != nil {
		return false
	}
	l.accept(digest)
	return true
}

// eachFits asks about the values of a table whose keys all have the same schema.
func (l *language) eachFits(path string, v *source.Value, f *field) bool {
	for _, name := range v.Names {
		if !l.fits(path+" {}", v.Fields[name], f.pattern) {
			return false
		}
	}
	return true
}

func (l *language) tableFits(path string, v *source.Value, f *field) bool {
	for _, name := range f.order {
		if f.members[name].required && v.Fields[name] == nil {
			return false
		}
	}
	for _, name := range v.Names {
		child := f.members[name]
		if child == nil || !l.fits(path+" "+name, v.Fields[name], child) {
			return false
		}
	}
	return true
}

// listFits asks about a list's length, and then about its items.
func (l *language) listFits(path string, v *source.Value, f *field) bool {
	digest := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", path, len(v.Items)))
	if !l.accepted[digest] {
		items := &ast.ListLit{}
		for range v.Items {
			items.Elts = append(items.Elts, ast.NewIdent("_"))
		}
		if f.value.Unify(l.ctx.BuildExpr(items)).Validate() != nil {
			return false
		}
		l.accept(digest)
	}
	for i, item := range v.Items {
		child, below := f.items, path+" []"
		if i == 0 && f.first != nil {
			child, below = f.first, path+" [0]"
		}
		if child == nil || !l.fits(below, item, child) {
			return false
		}
	}
	return true
}

// keeps reports whether CUE accepts what some rules look at in a file that has its
// shape.
func (l *language) keeps(r *rules, doc *document, root *source.Value) bool {
	return l.accepts(doc.name+" "+r.name, r.value, root, doc.root, r)
}

// accepts asks CUE about a value, unless it accepted an equal one as what before.
func (l *language) accepts(what string, schema cue.Value, v *source.Value, f *field, rules *rules) bool {
	d := newData(rules)
	digest := sha256.Sum256(d.appendTo([]byte(what+"\x00"), v, f))
	if l.accepted[digest] {
		return true
	}
	if !l.subsumes(schema, v, f) && l.refusal(schema, d.expr(v, f)) != nil {
		return false
	}
	l.accept(digest)
	return true
}

// subsumes asks CUE whether a text, number or truth is an instance of the schema of such
// a one. It takes a fifth of the time that it takes to unify the two, which is asked if
// not: of what is no such value, CUE does not always know.
func (l *language) subsumes(schema cue.Value, v *source.Value, f *field) bool {
	if v.Kind != f.kind {
		return false
	}
	switch v.Kind {
	case source.String:
		return schema.Subsume(l.ctx.Encode(v.Text)) == nil
	case source.Integer:
		return schema.Subsume(l.ctx.Encode(v.Int)) == nil
	case source.Bool:
		return schema.Subsume(l.ctx.Encode(v.Bool)) == nil
	}
	return false
}

func (l *language) accept(digest [sha256.Size]byte) {
	if l.accepted == nil || len(l.accepted) >= mostAccepted {
		l.accepted = accepted{}
	}
	l.accepted[digest] = true
}

// refusal is CUE's verdict.
func (l *language) refusal(schema cue.Value, data ast.Expr) error {
	return schema.Unify(l.ctx.BuildExpr(data)).Validate(cue.Concrete(true), cue.Final())
}

// appendTo writes what is given to CUE of a value such that no two values are
// written alike: the kind, then whatever can be of several lengths after its length.
func (d *data) appendTo(b []byte, v *source.Value, f *field) []byte {
	if d.onlyThere(f) {
		return append(b, 0)
	}
	number := binary.LittleEndian.AppendUint64
	text := func(b []byte, s string) []byte { return append(number(b, uint64(len(s))), s...) }
	b = append(b, byte(v.Kind))
	switch v.Kind {
	case source.Table:
		names := d.names(v, f)
		b = number(b, uint64(len(names)))
		for _, name := range names {
			b = d.appendTo(text(b, name), v.Fields[name], f.child(name))
		}
	case source.Array:
		items := d.items(v, f)
		b = number(b, uint64(len(items)))
		for i, item := range items {
			b = d.appendTo(b, item, f.child(strconv.Itoa(i)))
		}
	case source.String:
		b = text(b, v.Text)
	case source.Integer:
		b = number(b, uint64(v.Int))
	case source.Float:
		b = number(b, math.Float64bits(v.Float))
	case source.Bool:
		b = strconv.AppendBool(b, v.Bool)
	}
	return b
}
