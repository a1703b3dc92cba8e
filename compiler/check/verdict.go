package check

import (
	"fmt"
	"slices"
	"strconv"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/literal"

	"github.com/anchor-os/anchor/compiler/source"
)

// maxRounds bounds how often CUE is asked about one file. Each round but the last
// finds something new, and in practice three find everything.
const maxRounds = 10

// finding is a place that CUE refuses. There is at most one for each place.
type finding struct {
	path    []string
	value   *source.Value // at the path; nil: missing
	parent  *source.Value // the table without it, if it is missing
	message string        // CUE's own words
}

// ask gives what CUE refuses in a file. If CUE refuses the file at all, there is
// at least one finding.
func (l *language) ask(definition cue.Value, root *source.Value, schema *field, rules *rules) []finding {
	d := newData(rules)
	above := len(definition.Path().Selectors())
	var all []finding
	for range maxRounds {
		err := l.refusal(definition, d.expr(root, schema))
		if err == nil {
			return all
		}
		found := d.take(errors.Errors(err), above, root, schema, all)
		if len(found) == 0 && len(all) == 0 {
			return []finding{{value: root, message: err.Error()}}
		}
		if len(found) == 0 {
			return all
		}
		all = append(all, found...)
	}
	return all
}

// take collects the places of errors, which have so many labels above the data, and takes
// them out of the data's way. What CUE says of a table around an earlier finding is only that it misses a value.
func (d *data) take(all []errors.Error, above int, root *source.Value, schema *field, earlier []finding) []finding {
	var found []finding
	for _, e := range all {
		format, args := e.Msg()
		f := finding{path: clip(root, schema, keys(e.Path(), above)), message: fmt.Sprintf(format, args...)}
		v, n := root.Get(f.path...)
		switch {
		case d.covers(root, f.path), surrounds(f.path, earlier):
			continue
		case n == len(f.path):
			f.value = v
			d.withdraw(v, schema, f.path)
		case n == len(f.path)-1 && v.Kind == source.Table:
			f.parent = v
			d.added[v] = append(d.added[v], f.path[n])
		default:
			continue
		}
		found = append(found, f)
	}
	return found
}

// clip cuts a path where the value has no schema or is of another type: what lies
// below is not at fault.
func clip(v *source.Value, schema *field, path []string) []string {
	for i, part := range path {
		if schema == nil || v.Kind != schema.kind {
			return path[:i]
		}
		next, n := v.Get(part)
		if n == 0 {
			return path[:i+1]
		}
		v, schema = next, schema.child(part)
	}
	return path
}

func surrounds(path []string, findings []finding) bool {
	return slices.ContainsFunc(findings, func(f finding) bool {
		return len(f.path) > len(path) && slices.Equal(f.path[:len(path)], path)
	})
}

// withdraw takes a faulty value away; where one has to be, it leaves it open.
func (d *data) withdraw(v *source.Value, schema *field, path []string) {
	if n := len(path) - 1; n >= 0 {
		parent := schema.at(path[:n])
		if parent == nil || parent.kind == source.Table && !parent.child(path[n]).isRequired() {
			d.removed[v] = true
			return
		}
	}
	d.open[v] = true
}

// covers reports whether a path is, or leads through, what was taken away before.
func (d *data) covers(root *source.Value, path []string) bool {
	v := root
	for _, part := range path {
		if d.open[v] || d.removed[v] || slices.Contains(d.added[v], part) {
			return true
		}
		next, n := v.Get(part)
		if n == 0 {
			return false
		}
		v = next
	}
	return d.open[v] || d.removed[v]
}

// keys turns the path of an error into keys and list indices: without the names that
// lead to the definition, and labels without their quotes.
func keys(path []string, above int) []string {
	var all []string
	for _, label := range path[min(above, len(path)):] {
		if s, err := literal.Unquote(label); err == nil {
			label = s
		}
		all = append(all, label)
	}
	return all
}

// show writes a path as an author writes it: filesystem.tmpfs[0].path.
func show(root *source.Value, path []string) string {
	text := ""
	v := root
	for _, part := range path {
		switch {
		case v != nil && v.Kind == source.Array:
			text += "[" + part + "]"
		case text == "":
			text = bare(part)
		default:
			text += "." + bare(part)
		}
		if v != nil {
			v = v.Find(part)
		}
	}
	return text
}

// bare quotes a key that TOML does not take as it is.
func bare(key string) string {
	for _, r := range key {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && !(r >= '0' && r <= '9') && r != '-' && r != '_' {
			return strconv.Quote(key)
		}
	}
	return key
}
