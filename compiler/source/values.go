package source

import (
	"errors"
	"fmt"
	"strings"

	burnt "github.com/BurntSushi/toml"
	"github.com/pelletier/go-toml/v2"

	"github.com/anchor-os/anchor/compiler/diag"
)

// readValues reads the file twice more and fills the values into the tree, if all
// three readings agree.
func readValues(src *diag.Source, root *Value) (faults diag.List) {
	// Only maps: into structs both readers match keys without regard to case.
	var second map[string]any
	if err := toml.Unmarshal(src.Text, &second); err != nil {
		refused(&faults, src, root, err)
		return faults
	}
	var first map[string]any
	if _, err := burnt.Decode(string(src.Text), &first); err != nil {
		refused(&faults, src, root, err)
		return faults
	}
	fill(&faults, root, first, second)
	return faults
}

// refused reports the error of a reader at its place.
func refused(faults *diag.List, src *diag.Source, root *Value, err error) {
	var p *toml.DecodeError
	var b burnt.ParseError
	switch {
	case errors.As(err, &p):
		line, column := p.Position()
		message := strings.TrimPrefix(p.Error(), "toml: ")
		faults.Error(diag.Syntax, tokenAt(src, root, src.Offset(line, column)), "broken TOML: "+brief(message, maxMessage))
	case errors.As(err, &b):
		faults.Error(diag.Syntax, tokenAt(src, root, b.Position.Start), "broken TOML: "+brief(b.Message, maxMessage))
	default:
		faults.Error(diag.Syntax, src.Range(0, 0), "broken TOML: "+err.Error())
	}
}

// tokenAt is the key or value that starts at an offset, or else one byte.
func tokenAt(src *diag.Source, v *Value, offset int) diag.Range {
	offset = min(max(offset, 0), len(src.Text))
	if at := v.startingAt(offset); at.Valid() {
		return at
	}
	return src.Range(offset, min(offset+1, len(src.Text)))
}

func (v *Value) startingAt(offset int) diag.Range {
	if v.Key.Valid() && v.Key.Start == offset {
		return v.Key
	}
	if v.Range.Start == offset && v.Range.End > offset {
		return v.Range
	}
	for _, child := range v.children() {
		if at := child.startingAt(offset); at.Valid() {
			return at
		}
	}
	return diag.Range{}
}

// children gives the members of a table or list in the file's order.
func (v *Value) children() []*Value {
	children := v.Items
	for _, name := range v.Names {
		children = append(children, v.Fields[name])
	}
	return children
}

// fill takes the value v from its first reading, if the second is the same.
func fill(faults *diag.List, v *Value, first, second any) {
	first, second = list(first), list(second)
	agreed := false
	switch v.Kind {
	case Table:
		agreed = fillTable(faults, v, first, second)
	case Array:
		agreed = fillArray(faults, v, first, second)
	case String:
		v.Text, agreed = same[string](first, second)
	case Integer:
		v.Int, agreed = same[int64](first, second)
	case Float:
		v.Float, agreed = same[float64](first, second)
	case Bool:
		v.Bool, agreed = same[bool](first, second)
	}
	if !agreed {
		disagree(faults, v, first, second)
	}
}

func same[T comparable](first, second any) (T, bool) {
	a, okA := first.(T)
	b, okB := second.(T)
	return a, okA && okB && a == b
}

func fillTable(faults *diag.List, v *Value, first, second any) bool {
	a, okA := first.(map[string]any)
	b, okB := second.(map[string]any)
	if !okA || !okB || len(a) != len(v.Fields) || len(b) != len(v.Fields) {
		return false
	}
	for _, name := range v.Names {
		x, okX := a[name]
		y, okY := b[name]
		if !okX || !okY {
			return false
		}
		fill(faults, v.Fields[name], x, y)
	}
	return true
}

func fillArray(faults *diag.List, v *Value, first, second any) bool {
	a, okA := first.([]any)
	b, okB := second.([]any)
	if !okA || !okB || len(a) != len(v.Items) || len(b) != len(v.Items) {
		return false
	}
	for i, item := range v.Items {
		fill(faults, item, a[i], b[i])
	}
	return true
}

// list gives lists of tables, which one reader types more narrowly, as lists.
func list(v any) any {
	tables, ok := v.([]map[string]any)
	if !ok {
		return v
	}
	items := make([]any, len(tables))
	for i, t := range tables {
		items[i] = t
	}
	return items
}

func disagree(faults *diag.List, v *Value, first, second any) {
	at := v.Range
	if v.Key.Valid() {
		at = v.Key
	}
	faults.Error(diag.ReadersDisagree, at, "two TOML readers understand this differently").
		Detail = fmt.Sprintf("One reads %s, the other %s. A file that can be read in two ways is refused.", diag.Quote(fmt.Sprint(first)), diag.Quote(fmt.Sprint(second)))
}
