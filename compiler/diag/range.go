package diag

import (
	"bytes"
	"cmp"
	"sort"
	"unicode/utf8"
)

// Source is one input that diagnostics point into.
type Source struct {
	Name string // the path as the user would type it, slashes on every system
	Text []byte // nil: a directory, or a file that could not or must not be read

	// Section names the part of the file around a byte offset, as its author
	// would: "[room]". It may be nil.
	Section func(offset int) string

	lines []int // offset of the first byte of each line
}

// NewSource indexes the lines of text, which must not change afterwards. A nil
// text makes a source without lines: faults about it are about the whole of it.
func NewSource(name string, text []byte) *Source {
	s := &Source{Name: name, Text: text, lines: []int{0}}
	for i := 0; ; {
		n := bytes.IndexByte(text[i:], '\n')
		if n < 0 {
			return s
		}
		i += n + 1
		s.lines = append(s.lines, i)
	}
}

// Offset is the byte at a line and a column counted in bytes, both from 1; a place
// outside the text gives the nearest within.
func (s *Source) Offset(line, column int) int {
	line = min(max(line, 1), len(s.lines))
	return min(s.lines[line-1]+max(column, 1)-1, len(s.Text))
}

// Whole is the range of faults that are about the file or directory as such.
func (s *Source) Whole() Range { return Range{Source: s} }

// Range gives the bytes from start up to and not including end.
func (s *Source) Range(start, end int) Range { return Range{Source: s, Start: start, End: end} }

// Range is a half-open range of bytes in a source. The zero Range is no place.
type Range struct {
	Source     *Source
	Start, End int // byte offsets
}

// Valid reports whether r is a place at all.
func (r Range) Valid() bool { return r.Source != nil }

// HasText reports whether r points into text, not at a file as a whole.
func (r Range) HasText() bool { return r.Source != nil && r.Source.Text != nil }

// Text is the input that r covers.
func (r Range) Text() string {
	if !r.HasText() {
		return ""
	}
	return string(r.Source.Text[r.Start:r.End])
}

// Name is the file's path, or "".
func (r Range) Name() string {
	if r.Source == nil {
		return ""
	}
	return r.Source.Name
}

// Position is a place as editors count: lines and columns from 1, a column being
// one Unicode code point. A position without text has line 0.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"` // from 0
}

// From is the position of the first byte of r, To that of the first byte behind it.
func (r Range) From() Position { return r.position(r.Start) }
func (r Range) To() Position   { return r.position(r.End) }

func (r Range) position(offset int) Position {
	if !r.HasText() {
		return Position{}
	}
	lines := r.Source.lines
	i := sort.SearchInts(lines, offset+1) - 1
	column := utf8.RuneCount(r.Source.Text[lines[i]:offset]) + 1
	return Position{Line: i + 1, Column: column, Byte: offset}
}

// compare orders ranges by file name, then by place.
func (r Range) compare(o Range) int {
	return cmp.Or(
		cmp.Compare(r.Name(), o.Name()),
		cmp.Compare(r.Start, o.Start),
		cmp.Compare(r.End, o.End),
	)
}
