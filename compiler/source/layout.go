package source

import (
	"strings"
	"unicode/utf8"
)

const (
	lineLimit = 100 // characters of a line with a list, without its comment
	indention = "  "
)

// layout writes the lines of a formatted file.
type layout struct {
	lines   []line
	current string // the line that is being written, or lines if a string in it has some
}

// line is a line with its comment, which is put beside those of its neighbours if it
// is even.
type line struct {
	text, comment string
	even          bool
}

// end ends the current line.
func (l *layout) end(comment string, even bool) {
	even = even && !strings.Contains(l.current, "\n") && characters(l.current) <= lineLimit
	l.lines = append(l.lines, line{l.current, comment, even})
	l.current = ""
}

func characters(text string) int { return utf8.RuneCountInString(text) }

// column is how many characters the current line has.
func (l *layout) column() int {
	return characters(l.current[strings.LastIndexByte(l.current, '\n')+1:])
}

// file writes all entries of a file.
func (l *layout) file(entries []entry) {
	for i, e := range entries {
		if i > 0 && parted(entries, i) {
			l.end("", false)
		}
		switch e.kind {
		case remark:
			l.current = e.comment
			l.end("", false)
		case header:
			l.current = e.text
			l.end(e.comment, false)
		case pair:
			l.current = e.text + " = "
			l.last(e, "", "")
		}
	}
}

// parted tells whether a blank line goes above an entry: where there was one, but
// directly below a header, and above every header with the remarks on it.
func parted(entries []entry, i int) bool {
	before, e := entries[i-1], entries[i]
	switch {
	case e.blank:
		return before.kind != header || e.kind != pair
	case before.kind == remark:
		return false
	}
	for entries[i].kind == remark && i+1 < len(entries) && !entries[i+1].blank {
		i++
	}
	return entries[i].kind == header
}

// last writes the value of an entry, the last thing on its line but for what follows
// at once, and the entry's comment. A list that was on one line and does not fit has the
// comment where it starts.
func (l *layout) last(e entry, indent, follows string) {
	v := *e.value
	if _, flat := v.flat(); flat && l.breaks(&v, len(follows)) {
		v.comment, e.comment = e.comment, ""
	}
	start := len(l.lines)
	l.value(&v, indent, len(follows))
	l.current += follows
	l.end(e.comment, len(l.lines) == start)
}

// anywhere is the room that follows what stands in an inline table: there, a list is
// no reason to break a line, since the table has to stay on one.
const anywhere = -1 << 20

// breaks tells whether a value is a list that goes on more lines than one, given how
// many characters follow it.
func (l *layout) breaks(v *written, follow int) bool {
	text, flat := v.flat()
	tooLong := len(v.entries) > 0 && l.column()+characters(text)+follow > lineLimit
	return v.kind == Array && (!flat || tooLong)
}

// value writes a value on the current line, and a list on more if need be.
func (l *layout) value(v *written, indent string, follow int) {
	text, flat := v.flat()
	switch {
	case l.breaks(v, follow):
		l.current += "["
		l.end(v.comment, false)
		l.items(v, indent+indention)
		l.current = indent + "]"
	case flat:
		l.current += text
	case v.kind == Table:
		l.inlineTable(v, indent)
	default:
		l.current += v.text
	}
}

// inlineTable writes one that has a list or a string of several lines in it.
func (l *layout) inlineTable(v *written, indent string) {
	between := "{ "
	for _, e := range v.entries {
		l.current += between + e.text + " = "
		l.value(e.value, indent, anywhere)
		between = ", "
	}
	l.current += " }"
}

// flat writes a value on one line. It reports false if it cannot, or if its author
// put the items of a list on lines of their own.
func (v *written) flat() (string, bool) {
	if v.kind != Array && v.kind != Table {
		return v.text, !strings.Contains(v.text, "\n")
	}
	if v.broken {
		return "", false
	}
	var texts []string
	for _, e := range v.entries {
		text, ok := e.value.flat()
		if !ok {
			return "", false
		}
		if e.kind == pair {
			text = e.text + " = " + text
		}
		texts = append(texts, text)
	}
	switch all := strings.Join(texts, ", "); {
	case v.kind == Array:
		return "[" + all + "]", true
	case all == "":
		return "{}", true
	default:
		return "{ " + all + " }", true
	}
}

// items writes the items of a list on lines of their own: several stay together
// where their author put them on one line that is not too long.
func (l *layout) items(v *written, indent string) {
	for all := v.entries; len(all) > 0; {
		if all[0].blank && len(all) < len(v.entries) {
			l.end("", false)
		}
		n, fits := together(all, v.broken, len(indent))
		for i, e := range all[:n] {
			if i == 0 || !fits {
				l.current = indent
			}
			switch {
			case e.kind == remark:
				l.current += e.comment
				l.end("", false)
			case i < n-1 && fits:
				text, _ := e.value.flat()
				l.current += text + ", "
			default:
				l.last(e, indent, ",")
			}
		}
		all = all[n:]
	}
}

// together counts the entries of a list that stood on one line, and reports whether
// they fit there. So they always do if there is a comment, which speaks of them all.
func together(all []entry, broken bool, width int) (n int, fits bool) {
	for n < len(all) && all[n].kind == item && (n == 0 || broken && !all[n].fresh) {
		text, flat := all[n].value.flat()
		if !flat {
			break
		}
		width += characters(text) + len(", ")
		if n++; all[n-1].comment != "" {
			return n, true
		}
	}
	return max(n, 1), width-len(" ") <= lineLimit
}
