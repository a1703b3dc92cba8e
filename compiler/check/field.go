package check

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"

	"github.com/anchor-os/anchor/compiler/source"
)

// field is what the schema says of one value, as far as a message or a default
// needs it. The verdict is CUE's alone.
type field struct {
	doc        string
	howto      string      // how to write it, if that is defined in one place for several
	kind       source.Kind // 0: of several kinds
	required   bool
	open       bool    // of a table: it may have other keys too
	fallback   string  // the default as it is written in @default; "" without one
	limits     *limits // bounds of a text with a unit, or of a text's length
	distinct   bool    // no item of a list stands in it twice; CUE would compare each with each
	letters    uint64  // that a text has at least, all different
	joined     uint64  // bytes that the items of a list may have together; 0: any number
	asks       func() asked
	forms      func() (forms, not []*regexp.Regexp) // of asks, for texts that are only proposed
	ruled      []mention                            // by the number of the rules
	value      cue.Value                            // the schema itself
	definition string                               // that this is a reference to, and nothing more; "" if it is none
	plain      bool                                 // a table of listed keys, and nothing else is said of it

	members map[string]*field // of a table
	order   []string          // their names as the schema has them
	pattern *field            // of a table whose keys are free but for their form
	form    *regexp.Regexp    // that form
	first   *field            // of a list whose first item is special
	items   *field            // of a list
}

// limits is a range that CUE cannot judge, since it needs arithmetic on the unit.
type limits struct {
	unit           unit // nil: the number of bytes of the text itself
	min, max, step uint64
}

var kinds = map[cue.Kind]source.Kind{
	cue.StructKind: source.Table,
	cue.ListKind:   source.Array,
	cue.StringKind: source.String,
	cue.IntKind:    source.Integer,
	cue.FloatKind:  source.Float,
	cue.BoolKind:   source.Bool,
}

// readField reads the schema of one value and of all within it.
func readField(v cue.Value) (*field, error) {
	definition := cue.Dereference(v) // v itself, if it refers to none
	f := &field{kind: kinds[v.IncompleteKind()], doc: comment(v), value: definition}
	if definition != v {
		_, path := v.ReferencePath()
		f.definition = path.String()
	}
	if definition != v && f.kind == source.String {
		f.howto = comment(definition)
	}
	f.asks = sync.OnceValue(func() asked { return readAsked(definition) })
	f.forms = sync.OnceValues(func() (forms, not []*regexp.Regexp) { return compiled(f.asks().forms), compiled(f.asks().not) })
	if err := f.attributes(v, definition); err != nil {
		return nil, err
	}
	if f.kind != source.Table && f.kind != source.Array {
		return f, nil
	}
	f.members = map[string]*field{}
	f.plain = plain(v.Source()) || plain(definition.Source())
	f.open = opened(v.Source()) || opened(definition.Source())
	it, err := v.Fields(cue.Optional(true), cue.Patterns(true))
	if err != nil {
		return nil, err
	}
	for it.Next() {
		child, err := readField(it.Value())
		if err != nil {
			return nil, fmt.Errorf("%v: %w", it.Selector(), err)
		}
		if f.kind == source.Array {
			child.doc = cmp.Or(child.doc, f.doc)
		}
		if err := f.add(it.Selector(), child); err != nil {
			return nil, fmt.Errorf("%v: %w", it.Selector(), err)
		}
	}
	return f, nil
}

// opened reports whether the text of a table in the schema ends in "...". CUE itself
// cannot be asked: it takes a table in a list for open.
func opened(text ast.Node) bool {
	switch text := text.(type) {
	case *ast.Field:
		return opened(text.Value)
	case *ast.BinaryExpr:
		return opened(text.X) || opened(text.Y)
	case *ast.StructLit:
		return slices.ContainsFunc(text.Elts, func(d ast.Decl) bool { _, is := d.(*ast.Ellipsis); return is })
	}
	return false
}

// plain reports whether the text of a table in the schema is a list of keys.
func plain(text ast.Node) bool {
	switch text := text.(type) {
	case *ast.Field:
		return plain(text.Value)
	case *ast.StructLit:
		return !slices.ContainsFunc(text.Elts, func(d ast.Decl) bool {
			f, is := d.(*ast.Field)
			return !is || nameOf(f) == ""
		})
	}
	return false
}

// comment is the text above a value in the schema, without the line breaks, which
// are for the schema's width.
func comment(v cue.Value) string {
	groups := v.Doc()
	if len(groups) == 0 {
		return ""
	}
	return strings.Join(strings.Fields(groups[0].Text()), " ")
}

func (f *field) add(s cue.Selector, child *field) error {
	switch {
	case s.Type() == cue.IndexLabel:
		f.first = child
	case s.ConstraintType() == cue.PatternConstraint && f.kind == source.Array:
		f.items = child
	case s.ConstraintType() == cue.PatternConstraint:
		f.pattern = child
		return f.keyForm(s.Pattern())
	default:
		child.required = s.ConstraintType() == cue.RequiredConstraint
		f.members[s.Unquoted()] = child
		f.order = append(f.order, s.Unquoted())
	}
	return nil
}

// keyForm takes the form of a table's keys from `[=~"…"]: …`.
func (f *field) keyForm(pattern cue.Value) error {
	op, args := pattern.Expr()
	if op != cue.RegexMatchOp {
		return errors.New("a pattern that is no regular expression")
	}
	text, err := args[0].String()
	if err != nil {
		return err
	}
	f.form, err = regexp.Compile(text)
	return err
}

// attributes reads what the schema says of a value beside CUE's own constraints:
// the attributes of the definition that it refers to, then its own.
func (f *field) attributes(v, definition cue.Value) error {
	all := append(definition.Attributes(cue.ValueAttr), v.Attributes(cue.ValueAttr)...)
	for _, a := range all {
		var err error
		switch name := a.Name(); name {
		case "default":
			f.fallback, err = a.String(0)
		case "size", "duration", "percent":
			f.limits, err = readLimits(a, units[name])
		case "bytes":
			f.limits, err = readLimits(a, nil)
		case "letters":
			f.letters, err = number(a, "min", nil)
		case "distinct":
			f.distinct = true
		case "joined":
			f.joined, err = number(a, "max", nil)
		default:
			err = fmt.Errorf("unknown attribute @%s", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readLimits(a cue.Attribute, u unit) (*limits, error) {
	low, err1 := number(a, "min", u)
	high, err2 := number(a, "max", u)
	step, err3 := number(a, "step", u)
	if high == 0 { // not given
		high = math.MaxUint64
	}
	return &limits{u, low, high, max(step, 1)}, errors.Join(err1, err2, err3)
}

// number reads a key of an attribute; without the key it is 0.
func number(a cue.Attribute, key string, u unit) (uint64, error) {
	text, found, err := a.Lookup(0, key)
	if err != nil || !found {
		return 0, err
	}
	if u == nil {
		return strconv.ParseUint(text, 10, 64)
	}
	n, ok := u.parse(text)
	if !ok {
		return 0, fmt.Errorf("@%s has %s=%q", a.Name(), key, text)
	}
	return n, nil
}

// child gives the schema of a key or list index, nil if there is none.
func (f *field) child(part string) *field {
	switch {
	case f == nil:
		return nil
	case f.kind == source.Array && part == "0" && f.first != nil:
		return f.first
	case f.kind == source.Array:
		return f.items
	case f.members[part] != nil:
		return f.members[part]
	}
	return f.pattern
}

// at gives the schema of a path, nil if there is none.
func (f *field) at(path []string) *field {
	for _, part := range path {
		f = f.child(part)
	}
	return f
}

// compiled gives regular expressions that CUE compiled already.
func compiled(forms []string) (all []*regexp.Regexp) {
	for _, form := range forms {
		all = append(all, regexp.MustCompile(form))
	}
	return all
}

// hasUnit reports whether the value is a number with a unit.
func (f *field) hasUnit() bool { return f != nil && f.limits != nil && f.limits.unit != nil }

func (f *field) isRequired() bool { return f != nil && f.required }
