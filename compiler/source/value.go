package source

import (
	"strconv"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Kind is the type of a Value. TOML's dates and times are refused by Parse.
type Kind uint8

const (
	Table Kind = iota + 1
	Array
	String
	Integer
	Float
	Bool
)

// String names the kind for a message: "a table".
func (k Kind) String() string {
	switch k {
	case Table:
		return "a table"
	case Array:
		return "a list"
	case String:
		return "a string"
	case Integer:
		return "an integer"
	case Float:
		return "a fraction"
	case Bool:
		return "a boolean"
	}
	return "nothing"
}

// Value is one value of a file with its place. Which of the fields below Range
// holds it follows from Kind.
type Value struct {
	Kind Kind

	// Key is where the value is named: its key, or the last part of its header.
	// It is the zero Range for the root and for the items of a list.
	Key diag.Range

	// Range is the value itself. For a table under a header it is the header, for
	// one that only dotted keys make it is the first of these, for the root it is
	// the start of the file.
	Range diag.Range

	Text   string
	Int    int64
	Float  float64
	Bool   bool
	Items  []*Value
	Names  []string          // the keys of a table in the file's order
	Fields map[string]*Value // the values of a table
}

// Named is the place of the value's key or header, or of the value if it has none.
func (v *Value) Named() diag.Range {
	if v.Key.Valid() {
		return v.Key
	}
	return v.Range
}

// Get finds the value at a path of keys and list indices. It returns the deepest
// value there is, and how many elements of the path led to it.
func (v *Value) Get(path ...string) (*Value, int) {
	for i, part := range path {
		next := v.child(part)
		if next == nil {
			return v, i
		}
		v = next
	}
	return v, len(path)
}

// Find is Get for a value that may be missing: then it returns nil.
func (v *Value) Find(path ...string) *Value {
	if found, n := v.Get(path...); n == len(path) {
		return found
	}
	return nil
}

func (v *Value) child(part string) *Value {
	if v.Kind != Array {
		return v.Fields[part]
	}
	i, err := strconv.Atoi(part)
	if err != nil || i < 0 || i >= len(v.Items) {
		return nil
	}
	return v.Items[i]
}
