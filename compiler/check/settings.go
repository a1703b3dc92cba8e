package check

import (
	"strconv"
	"strings"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// Setting is one key of the schema with the value that is in force for one file.
type Setting struct {
	Path   string        // as in diagnostics: "filesystem.tmpfs[0].size"
	Value  *source.Value // what is written, or the default; nil: nothing is granted, or limited
	Amount uint64        // of a value with a unit, in Unit
	Unit   string        // "bytes" or "ms", "" without one
	Origin diag.Range    // where it is written, the zero Range if it is a default
}

// Settings gives every key of the schema, in its order, with what is in force for a
// file that Check accepted: system.toml or else a passport. A table that is left out
// and has keys that it could not be written without stands for itself.
func Settings(file *source.File, system bool) []Setting {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	var s settings
	s.collect("", l.root(system), file.Root)
	if !system {
		s.nameHost(file.Root)
	}
	return s
}

type settings []Setting

func (s *settings) collect(path string, f *field, v *source.Value) {
	switch {
	case v == nil && (f.kind == source.Array || f.pattern != nil || f.kind == source.Table && f.demands()):
		*s = append(*s, Setting{Path: path})
	case f.pattern != nil:
		for _, name := range v.Names {
			s.collect(path+"."+bare(name), f.pattern, v.Fields[name])
		}
	case f.kind == source.Table:
		for _, name := range f.order {
			var child *source.Value
			if v != nil {
				child = v.Fields[name]
			}
			s.collect(strings.TrimPrefix(path+"."+bare(name), "."), f.members[name], child)
		}
	case f.kind == source.Array && f.items.kind == source.Table && len(v.Items) > 0:
		for i, item := range v.Items {
			s.collect(path+"["+strconv.Itoa(i)+"]", f.child(strconv.Itoa(i)), item)
		}
	default:
		*s = append(*s, f.setting(path, v))
	}
}

// demands reports whether a table has a key that must be there if the table is.
func (f *field) demands() bool {
	for _, child := range f.members {
		if child.required {
			return true
		}
	}
	return false
}

// setting is one of a key that is no table.
func (f *field) setting(path string, v *source.Value) Setting {
	s := Setting{Path: path, Value: v}
	if v != nil {
		s.Origin = v.Range
	} else {
		s.Value = f.defaultValue()
	}
	if s.Value == nil || !f.hasUnit() {
		return s
	}
	n, _ := f.limits.unit.parse(s.Value.Text)
	switch f.limits.unit[0].suffix {
	case "KiB":
		s.Amount, s.Unit = n, "bytes"
	case "ms":
		s.Amount, s.Unit = n/uint64(time.Millisecond), "ms"
	}
	return s
}

// defaultValue gives the schema's default, nil if it has none.
func (f *field) defaultValue() *source.Value {
	if f.fallback == "" {
		return nil
	}
	v := &source.Value{Kind: f.kind, Text: f.fallback}
	switch f.kind {
	case source.Integer:
		v.Int, _ = strconv.ParseInt(f.fallback, 10, 64)
	case source.Bool:
		v.Bool = f.fallback == "true"
	}
	return v
}

// nameHost fills in the one value that another key gives: a room without a hostname
// is called by its name.
func (s settings) nameHost(root *source.Value) {
	for i := range s {
		if s[i].Path == "room.hostname" && s[i].Value == nil {
			s[i].Value = root.Find("room", "name")
			s[i].Origin = s[i].Value.Range
		}
	}
}

// Size writes a number of bytes as an author would: "64MiB".
func Size(bytes uint64) string { return bytesUnit.format(bytes) }
