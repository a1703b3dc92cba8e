package check

import (
	"slices"
	"strconv"
	"unicode"

	"github.com/anchor-os/anchor/compiler/source"
)

// overlooked finds what CUE does not: bounds that need arithmetic on units, and
// keys and types that CUE should have refused but did not. CUE 0.17.1 opens a
// closed struct in places (the items of `[...{…}] & list.MaxItems(n)`), and a key
// that nobody knows would be a wish that nobody enforces.
func overlooked(known []finding, root *source.Value, schema *field) []finding {
	o := &oversight{known: known}
	o.look(root, schema, nil)
	return o.found
}

type oversight struct {
	known, found []finding
}

func (o *oversight) look(v *source.Value, schema *field, path []string) {
	if o.isKnown(path) {
		return
	}
	if schema == nil || schema.kind != 0 && schema.kind != v.Kind || !schema.allows(v) {
		o.found = append(o.found, finding{path: path, value: v})
		return
	}
	for _, name := range schema.order {
		missing := append(slices.Clip(path), name)
		if schema.members[name].required && v.Fields[name] == nil && !o.isKnown(missing) {
			o.found = append(o.found, finding{path: missing, parent: v})
		}
	}
	for i, item := range v.Items {
		o.look(item, schema.child(strconv.Itoa(i)), append(slices.Clip(path), strconv.Itoa(i)))
	}
	for _, name := range v.Names {
		if child := schema.child(name); child != nil || !schema.open {
			o.look(v.Fields[name], child, append(slices.Clip(path), name))
		}
	}
}

func (o *oversight) isKnown(path []string) bool {
	return slices.ContainsFunc(o.known, func(f finding) bool { return slices.Equal(f.path, path) })
}

// allows judges what the schema's attributes say of a value.
func (f *field) allows(v *source.Value) bool {
	l := f.limits
	switch {
	case f.distinct && repeated(v) != nil:
		return false
	case f.letters > 0 && letters(v.Text) < f.letters:
		return false
	case l == nil:
		return true
	case l.unit == nil:
		return uint64(len(v.Text)) <= l.max
	}
	n, ok := l.unit.parse(v.Text)
	return ok && n >= l.min && n <= l.max && n%l.step == 0
}

// letters counts those of a text, each once.
func letters(text string) (n uint64) {
	seen := map[rune]bool{}
	for _, r := range text {
		if unicode.IsLetter(r) && !seen[r] {
			seen[r] = true
			n++
		}
	}
	return n
}
