package source

import (
	"bytes"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// This file reads a file as it is written, for Format: comments, blank lines and the
// order of everything, which the tree of values does not have.

// entry is what a line of a file, or of a list, begins with.
type entry struct {
	kind    entryKind
	blank   bool   // a blank line stands above
	fresh   bool   // an item that begins a line
	text    string // a header with its brackets, or the key of a pair
	value   *written
	comment string // from its #: at the end of the line, or all of a remark
}

type entryKind uint8

const (
	remark entryKind = iota + 1 // a comment alone on its line
	header
	pair // key = value
	item // of a list
)

// written is a value as it is written.
type written struct {
	kind    Kind
	text    string  // of neither a list nor an inline table
	entries []entry // pairs of an inline table; items and remarks of a list
	comment string  // behind the opening bracket of a list
	broken  bool    // a list whose items the author put on lines of their own
}

// syntax reads a text that Parse accepted: it checks nothing again.
type syntax struct{ text []byte }

// readSyntax gives the entries of a whole file.
func readSyntax(text []byte) []entry {
	s := syntax{text}
	var all []entry
	var p unstable.Parser
	p.Reset(text)
	end := 0
	for p.NextExpression() {
		n := p.Expression()
		e := entry{kind: pair}
		start := firstKey(n)
		if n.Kind != unstable.KeyValue {
			e.kind = header
			start, _ = headerRange(text, start, start)
		}
		between := s.gap(end, start)
		all = between.into(all)
		e.blank = between.blank
		if e.kind == header {
			e.text, end = s.header(n)
		} else {
			e.text, e.value, end = s.pair(n)
		}
		all = append(all, e)
	}
	return s.gap(end, len(text)).into(all)
}

func (s syntax) header(n *unstable.Node) (string, int) {
	keys, end := s.key(n)
	_, end = headerRange(s.text, end, end)
	if n.Kind == unstable.ArrayTable {
		return "[[" + keys + "]]", end
	}
	return "[" + keys + "]", end
}

// key gives a dotted key as it is to be written, and the offset behind it.
func (s syntax) key(n *unstable.Node) (string, int) {
	var parts []string
	end := 0
	for it := n.Key(); it.Next(); {
		raw := it.Node().Raw
		end = int(raw.Offset + raw.Length)
		parts = append(parts, keyText(string(it.Node().Data), string(s.text[raw.Offset:end])))
	}
	return strings.Join(parts, "."), end
}

// pair gives a key, its value, and the offset behind it.
func (s syntax) pair(n *unstable.Node) (string, *written, int) {
	key, end := s.key(n)
	start := skipBlanks(s.text, skipBlanks(s.text, end)+len("="))
	v, end := s.value(n.Value(), start)
	return key, v, end
}

// value gives the value that starts at an offset, and the offset behind it.
func (s syntax) value(n *unstable.Node, start int) (*written, int) {
	v := &written{kind: kinds[n.Kind]}
	switch v.kind {
	case Array:
		return v, s.list(v, n, start+1)
	case Table:
		return v, s.inlineTable(v, n, start+1)
	}
	end := int(n.Raw.Offset + n.Raw.Length)
	v.text = string(s.text[start:end])
	if v.kind == String {
		v.text = stringText(string(n.Data), v.text)
	}
	return v, end
}

// list reads from behind the opening bracket to behind the closing one.
func (s syntax) list(v *written, n *unstable.Node, at int) int {
	for it := n.Children(); it.Next(); {
		start := skipFiller(s.text, at)
		between := s.gap(at, start)
		between.before(v)
		e := entry{kind: item, blank: between.blank, fresh: between.broken}
		e.value, at = s.value(it.Node(), start)
		v.entries = append(v.entries, e)
	}
	end := skipFiller(s.text, at)
	s.gap(at, end).before(v)
	v.broken = v.broken && len(v.entries) > 0 || v.comment != ""
	return end + len("]")
}

func (s syntax) inlineTable(v *written, n *unstable.Node, at int) int {
	for it := n.Children(); it.Next(); {
		e := entry{kind: pair}
		e.text, e.value, at = s.pair(it.Node())
		v.entries = append(v.entries, e)
	}
	return skipFiller(s.text, at) + len("}")
}

// gap is what stands between two entries: blanks, commas, comments and line ends.
type gap struct {
	behind string  // the comment on the line of the entry before
	above  []entry // remarks on lines of their own
	blank  bool    // a blank line stands above the entry behind
	broken bool    // there is a line end
}

func (s syntax) gap(from, to int) (g gap) {
	ends := 0 // line ends since the last that is no blank
	for at := from; at < to; at++ {
		switch s.text[at] {
		case '\n':
			ends++
			g.broken = true
		case ',':
			ends = 0
		case '#':
			length := bytes.IndexByte(s.text[at:to], '\n')
			if length < 0 {
				length = to - at
			}
			comment := strings.TrimRight(string(s.text[at:at+length]), " \t\r")
			if g.broken || from == 0 { // nothing stands before it on its line
				g.above = append(g.above, entry{kind: remark, blank: ends > 1, comment: comment})
			} else {
				g.behind = comment
			}
			at += length - 1
			ends = 0
		}
	}
	g.blank = ends > 1
	return g
}

// into gives the comments of a gap to the entries before it.
func (g gap) into(entries []entry) []entry {
	if g.behind != "" {
		entries[len(entries)-1].comment = g.behind
	}
	return append(entries, g.above...)
}

// before gives the comments of a gap to the list that it is in.
func (g gap) before(v *written) {
	v.broken = v.broken || g.broken
	if len(v.entries) == 0 {
		v.comment, g.behind = g.behind, ""
	}
	v.entries = g.into(v.entries)
}
