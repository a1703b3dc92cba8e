package source

import (
	"errors"
	"fmt"
	"strings"
)

// Format gives the text of a file as everybody writes it: one style, so that what a
// review shows is what was changed.
//
//   - Tables, keys, items and comments stay in their order.
//   - One blank line stands above each header and the remarks on it, none directly
//     below it; elsewhere blank lines stay, one at most.
//   - Comments at the ends of lines that follow each other begin in one column.
//   - A list stays on one line if it was and fits into lineLimit; else each item has
//     a line of its own, but for those that the author put together.
//   - Keys have no quotes that they can do without; strings have plain ones if that
//     needs no escapes. Numbers stay as they are.
//   - Lines end in a line feed and in no blanks.
//
// The result is read again: if it would not mean the same, or if it had lost a
// comment, it is an error. Formatting it once more changes nothing.
func Format(f *File) ([]byte, error) {
	entries := readSyntax(f.Source.Text)
	var l layout
	l.file(entries)
	text := l.text()
	again, faults := Parse(f.Source.Name, text)
	switch {
	case again == nil:
		return nil, fmt.Errorf("it would not be read any more: %s", faults[0].Summary)
	case !f.Root.Equal(again.Root):
		return nil, errors.New("its values would be others")
	case strings.Join(comments(entries), "\n") != strings.Join(comments(readSyntax(text)), "\n"):
		return nil, errors.New("its comments would be others")
	}
	return text, nil
}

// text aligns the comments and joins the lines.
func (l *layout) text() []byte {
	var b strings.Builder
	for i := 0; i < len(l.lines); {
		n, column := l.aligned(i)
		for _, line := range l.lines[i : i+n] {
			b.WriteString(line.text)
			if line.comment != "" {
				b.WriteString(strings.Repeat(" ", max(1, column-characters(line.text))) + line.comment)
			}
			b.WriteByte('\n')
		}
		i += n
	}
	return []byte(b.String())
}

// aligned counts the lines from i on whose comments begin in one column.
func (l *layout) aligned(i int) (n, column int) {
	for n < len(l.lines)-i && l.lines[i+n].even && l.lines[i+n].comment != "" {
		column = max(column, characters(l.lines[i+n].text)+1)
		n++
	}
	return max(n, 1), column
}

func comments(entries []entry) (all []string) {
	for _, e := range entries {
		if e.value != nil {
			if e.value.comment != "" {
				all = append(all, e.value.comment)
			}
			all = append(all, comments(e.value.entries)...)
		}
		if e.comment != "" {
			all = append(all, e.comment)
		}
	}
	return all
}

// Equal reports whether two values say the same. Where they stand, and in which
// order the keys of a table are written, does not count.
func (v *Value) Equal(o *Value) bool {
	if v.Kind != o.Kind || len(v.Items) != len(o.Items) || len(v.Fields) != len(o.Fields) {
		return false
	}
	for i, item := range v.Items {
		if !item.Equal(o.Items[i]) {
			return false
		}
	}
	for name, field := range v.Fields {
		if other := o.Fields[name]; other == nil || !field.Equal(other) {
			return false
		}
	}
	return v.Text == o.Text && v.Int == o.Int && v.Float == o.Float && v.Bool == o.Bool
}
