// Package jsontree reads JSON as the gates judge it: each value with its place, so
// that a finding stands at its line; no key twice, since readers differ in which of
// the two they take; no more of it than a judge needs.
package jsontree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Limits of a file. Whatever the gates read is far below them.
const (
	MaxSize  = 1 << 20 // bytes
	MaxDepth = 32
)

// Kind is what a value is.
type Kind uint8

const (
	Null Kind = iota + 1
	Bool
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"invalid", "null", "a truth value", "a number", "a string", "a list", "an object"}[k]
}

// Value is one value with its place. Of its contents those are set that its kind has.
type Value struct {
	Kind   Kind
	Text   string // of a string; of a number or truth value as it is written
	Items  []*Value
	Fields []Field // in the order of the file
	Place  diag.Range
}

// Field is one key of an object with its value.
type Field struct {
	Name  string
	Key   diag.Range
	Value *Value
}

// Get gives the value of a key, nil if the object has none.
func (v *Value) Get(name string) *Value {
	for _, f := range v.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// Texts gives the items of a list of strings; false if it is something else.
func (v *Value) Texts() (texts []string, ok bool) {
	for _, item := range v.Items {
		if item.Kind != String {
			return nil, false
		}
		texts = append(texts, item.Text)
	}
	return texts, v.Kind == Array
}

// Read gives the value that is the file's text, and all that is wrong with it; nil if
// that is too much to read it.
func Read(name string, text []byte) (*Value, diag.List) {
	r := &reader{source: diag.NewSource(name, text)}
	if !r.readable() || !r.valid() {
		return nil, r.faults
	}
	r.decoder = json.NewDecoder(bytes.NewReader(text))
	r.decoder.UseNumber()
	v := r.value(0)
	if r.deep {
		return nil, r.faults
	}
	return v, r.faults
}

// reader is the state of one Read.
type reader struct {
	source  *diag.Source
	decoder *json.Decoder
	faults  diag.List
	deep    bool
}

func (r *reader) readable() bool {
	text := r.source.Text
	if len(text) > MaxSize {
		r.source = diag.NewSource(r.source.Name, nil)
		r.faults.Error(diag.TooLarge, r.source.Whole(), fmt.Sprintf("the file has more than %d bytes", MaxSize))
		return false
	}
	if utf8.Valid(text) {
		return true
	}
	for i := 0; ; {
		c, n := utf8.DecodeRune(text[i:])
		if c == utf8.RuneError && n == 1 {
			r.faults.Error(diag.NotUTF8, r.source.Range(i, i+1), fmt.Sprintf("byte 0x%02x is not UTF-8", text[i]))
			return false
		}
		i += n
	}
}

// valid notes the first fault of the syntax. The text has one value and no more.
func (r *reader) valid() bool {
	var whole json.RawMessage
	err := json.Unmarshal(r.source.Text, &whole)
	if err == nil {
		return true
	}
	end := len(r.source.Text)
	var fault *json.SyntaxError
	switch {
	case !errors.As(err, &fault):
		r.faults.Error(diag.JSONSyntax, r.source.Whole(), "the file is not JSON").Detail = err.Error()
	case strings.HasPrefix(fault.Error(), "unexpected end"):
		r.faults.Error(diag.JSONSyntax, r.source.Range(end, end), "the file ends within its JSON").
			Detail = "Something was cut off: nobody knows what it said."
	default:
		at := max(int(fault.Offset)-1, 0)
		r.faults.Error(diag.JSONSyntax, r.source.Range(at, min(at+1, end)), "the file is not JSON: "+fault.Error())
	}
	return false
}

// token gives the next token and its place. The text is known to be JSON, so there
// is one.
func (r *reader) token() (json.Token, diag.Range) {
	start := int(r.decoder.InputOffset())
	t, err := r.decoder.Token()
	if err != nil {
		r.deep = true // nothing that follows would be right
		return nil, r.source.Whole()
	}
	for strings.IndexByte(" \t\r\n,:", r.source.Text[start]) >= 0 {
		start++
	}
	return t, r.source.Range(start, int(r.decoder.InputOffset()))
}

func (r *reader) value(depth int) *Value {
	t, at := r.token()
	v := &Value{Place: at}
	switch t := t.(type) {
	case nil:
		v.Kind = Null
	case bool:
		v.Kind, v.Text = Bool, fmt.Sprint(t)
	case json.Number:
		v.Kind, v.Text = Number, t.String()
	case string:
		v.Kind, v.Text = String, t
	case json.Delim:
		if depth == MaxDepth {
			r.deep = true
			r.faults.Error(diag.JSONSyntax, at, fmt.Sprintf("values are nested more than %d deep", MaxDepth))
			return v
		}
		if v.Kind = Array; t == '{' {
			v.Kind = Object
		}
		r.members(v, depth)
	}
	return v
}

func (r *reader) members(v *Value, depth int) {
	seen := map[string]diag.Range{}
	for !r.deep && r.decoder.More() {
		if v.Kind == Array {
			v.Items = append(v.Items, r.value(depth+1))
			continue
		}
		key, at := r.token()
		name, _ := key.(string)
		field := Field{name, at, r.value(depth + 1)}
		if first, twice := seen[name]; twice {
			d := r.faults.Error(diag.JSONRepeated, at, fmt.Sprintf("the key %s is given twice", diag.Quote(name)))
			d.Detail = "Programs that read JSON take the last and say nothing; whoever reads the file may have seen the first."
			d.Related = []diag.Related{{Message: "first", Range: first}}
			continue
		}
		seen[name] = at
		v.Fields = append(v.Fields, field)
	}
	if !r.deep {
		_, end := r.token()
		v.Place.End = end.End
	}
}
