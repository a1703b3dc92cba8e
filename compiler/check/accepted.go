package check

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"

	"github.com/anchor-os/anchor/compiler/source"
)

// accepted remembers by content what CUE accepted: rooms of one machine have much
// in common, and CUE takes nearly all of the time. For the shape it is asked about
// each section of a file, since in the shape no section looks at another; for the
// rules, about the values that they mention. What it refuses is not remembered: then
// it is asked about the whole file, for the words and places of all faults.
type accepted map[[sha256.Size]byte]bool

// mostAccepted bounds what is remembered: a few sections of as many rooms as there
// can be.
const mostAccepted = 16 << 10

// hasShape reports whether a file has the sections that it should have and no
// others, and CUE accepts each of them.
func (l *language) hasShape(doc *document, root *source.Value) bool {
	for _, name := range doc.root.order {
		if doc.root.members[name].required && root.Fields[name] == nil {
			return false
		}
	}
	for _, name := range root.Names {
		f, v := doc.root.members[name], root.Fields[name]
		if f == nil || !l.accepts(doc.name+" "+name, doc.sections[name], v, f, false) {
			return false
		}
	}
	return true
}

// keepsRules reports whether CUE accepts what the rules look at in a file that has
// its shape.
func (l *language) keepsRules(doc *document, root *source.Value) bool {
	return l.accepts(doc.name, doc.rules, root, doc.root, true)
}

// accepts asks CUE about a value, unless it accepted an equal one as what before.
func (l *language) accepts(what string, schema cue.Value, v *source.Value, f *field, ruled bool) bool {
	d := newData(ruled)
	digest := sha256.Sum256(d.appendTo([]byte(what+"\x00"), v, f))
	if l.accepted[digest] {
		return true
	}
	if l.refusal(schema, d.expr(v, f)) != nil {
		return false
	}
	if l.accepted == nil || len(l.accepted) >= mostAccepted {
		l.accepted = accepted{}
	}
	l.accepted[digest] = true
	return true
}

// refusal is CUE's verdict.
func (l *language) refusal(schema cue.Value, data ast.Expr) error {
	return schema.Unify(l.ctx.BuildExpr(data)).Validate(cue.Concrete(true), cue.Final())
}

// appendTo writes what is given to CUE of a value such that no two values are
// written alike: the kind, then whatever can be of several lengths after its length.
func (d *data) appendTo(b []byte, v *source.Value, f *field) []byte {
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
		b = number(b, uint64(len(v.Items)))
		for i, item := range v.Items {
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
