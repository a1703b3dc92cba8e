package source

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/anchor-os/anchor/compiler/diag"
)

// structure builds the tree of a file's tables, lists and places. It leaves the
// values themselves empty: readValues fills them in.
type structure struct {
	src      *diag.Source
	faults   diag.List
	root     *Value
	table    *Value // the table that key-value lines go into
	depth    int    // of table
	headers  []diag.Range
	written  map[*Value]bool // tables that have a header of their own
	repeated map[*Value]bool // lists that [[headers]] make
	end      int             // of the last key with its value, or header
	count    int             // keys and values
	stopped  bool            // at a limit: what follows is not looked at
}

// readStructure walks the expressions of a file, each a header or a key with its
// value, in order.
func readStructure(src *diag.Source) (*Value, diag.List) {
	root := &Value{Kind: Table, Range: src.Range(0, 0), Fields: map[string]*Value{}}
	s := &structure{src: src, root: root, table: root, written: map[*Value]bool{}, repeated: map[*Value]bool{}}
	var p unstable.Parser
	p.Reset(src.Text)
	for !s.stopped && p.NextExpression() {
		switch n := p.Expression(); n.Kind {
		case unstable.Table, unstable.ArrayTable:
			s.header(n)
		case unstable.KeyValue:
			s.end = s.keyValue(s.table, n, s.depth)
		}
	}
	if err := p.Error(); err != nil && !s.stopped {
		s.syntax(err)
	}
	src.Section = sections(s.headers)
	return root, s.faults
}

func (s *structure) syntax(err error) {
	var fault *unstable.ParserError
	if !errors.As(err, &fault) {
		s.faults.Error(diag.Syntax, s.src.Range(0, 0), "broken TOML: "+err.Error())
		return
	}
	// The highlight is a part of the text, so its capacity tells where it starts.
	start := min(max(cap(s.src.Text)-cap(fault.Highlight), 0), len(s.src.Text))
	at := s.src.Range(start, min(start+len(fault.Highlight), len(s.src.Text)))
	if strings.Contains(fault.Message, "nested more than") { // the parser's own limit, far above ours
		start = deeper(s.src.Text, s.end, maxDepth-s.depth)
		s.tooDeep(s.src.Range(start, min(start+1, len(s.src.Text))))
		return
	}
	s.faults.Error(diag.Syntax, at, "broken TOML: "+brief(fault.Message, maxMessage)).Hint = syntaxHint(fault.Message, s.src.Text[start:])
}

// syntaxHint knows the commonest slips where a value should start: nothing there
// yet, a text without quotes, a boolean spelt as in another language.
func syntaxHint(message string, rest []byte) string {
	if !strings.Contains(message, "start of value") || len(rest) == 0 {
		return ""
	}
	word := strings.ToLower(string(rest[:min(len(rest), len("false"))]))
	switch {
	case word[0] == '\n', word[0] == '\r':
		return "a value starts on the line of its key"
	case strings.HasPrefix(word, "true"), strings.HasPrefix(word, "false"):
		return "booleans are true and false, in small letters"
	case word[0] >= 'a' && word[0] <= 'z':
		return "a text stands in quotes"
	}
	return ""
}

// key is one part of a dotted key.
type key struct {
	name string
	at   diag.Range
}

// keys reads the parts of a header or key.
func (s *structure) keys(n *unstable.Node) []key {
	var parts []key
	for it := n.Key(); it.Next(); {
		raw := it.Node().Raw
		at := s.src.Range(int(raw.Offset), int(raw.Offset+raw.Length))
		parts = append(parts, key{string(it.Node().Data), at})
		s.counted(at)
		s.escapes(at)
	}
	if len(parts) > maxParts {
		whole := s.src.Range(parts[0].at.Start, parts[len(parts)-1].at.End)
		s.faults.Error(diag.TooManyParts, whole, fmt.Sprintf("a key of %d parts", len(parts))).
			Detail = fmt.Sprintf("A dotted key has at most %d parts.", maxParts)
		s.stopped = true
	}
	return parts
}

// counted holds the number of keys and values to its limit.
func (s *structure) counted(at diag.Range) {
	s.count++
	if s.count == maxValues+1 && !s.stopped {
		s.faults.Error(diag.TooManyValues, at, "too many keys and values").
			Detail = fmt.Sprintf("A file has at most %d keys and values.", maxValues)
		s.stopped = true
	}
}

func (s *structure) tooDeep(at diag.Range) {
	if !s.stopped {
		s.faults.Error(diag.TooDeep, at, "values are nested too deeply").
			Detail = fmt.Sprintf("Tables and lists are at most %d deep.", maxDepth)
	}
	s.stopped = true
}

// header opens the table that the following lines go into.
func (s *structure) header(n *unstable.Node) {
	parts := s.keys(n)
	last := parts[len(parts)-1]
	at := s.src.Range(headerRange(s.src.Text, parts[0].at.Start, last.at.End))
	s.headers = append(s.headers, at)
	s.end = at.End
	if parent := s.descend(s.root, parts[:len(parts)-1], at); parent != nil {
		s.table, s.depth = s.open(parent, last, at, n.Kind == unstable.ArrayTable), len(parts)
	}
}

// open finds or makes the table that a header names. After a fault it gives a
// table outside the tree, so that the lines below the header are still looked at.
func (s *structure) open(parent *Value, k key, at diag.Range, item bool) *Value {
	old := parent.Fields[k.name]
	fresh := &Value{Kind: Table, Key: k.at, Range: at, Fields: map[string]*Value{}}
	switch {
	case item && old == nil:
		list := &Value{Kind: Array, Key: k.at, Range: at, Items: []*Value{fresh}}
		s.repeated[list] = true
		parent.add(k.name, list)
	case item && s.repeated[old]:
		old.Items = append(old.Items, fresh)
	case !item && old == nil:
		parent.add(k.name, fresh)
	case !item && old.Kind == Table && !s.written[old]:
		old.Key, old.Range = k.at, at
		fresh = old
	default:
		s.duplicate("table", k, old)
	}
	s.written[fresh] = true
	return fresh
}

// descend follows the parts of a dotted key, making the tables on its way. It
// returns nil after a fault.
func (s *structure) descend(t *Value, parts []key, at diag.Range) *Value {
	for _, k := range parts {
		next := t.Fields[k.name]
		if next == nil {
			next = &Value{Kind: Table, Key: k.at, Range: at, Fields: map[string]*Value{}}
			t.add(k.name, next)
		}
		if s.repeated[next] {
			next = next.Items[len(next.Items)-1]
		}
		if next.Kind != Table {
			s.duplicate("key", k, next)
			return nil
		}
		t = next
	}
	return t
}

func (v *Value) add(name string, child *Value) {
	v.Names = append(v.Names, name)
	v.Fields[name] = child
}

func (s *structure) duplicate(what string, k key, first *Value) {
	d := s.faults.Error(diag.DuplicateKey, k.at, fmt.Sprintf("%s %s is given twice", what, diag.Quote(k.name)))
	d.Detail = "A key or table may be written once in a file."
	d.Related = []diag.Related{{Message: "first given", Range: first.Named()}}
}

// keyValue reads `key = value` into table t, which is depth deep in the file. It
// returns the offset behind the value.
func (s *structure) keyValue(t *Value, n *unstable.Node, depth int) int {
	end := int(n.Raw.Offset + n.Raw.Length)
	parts := s.keys(n)
	last := parts[len(parts)-1]
	whole := s.src.Range(parts[0].at.Start, last.at.End)
	if parent := s.descend(t, parts[:len(parts)-1], whole); parent != nil && !s.stopped {
		start := skipBlanks(s.src.Text, skipBlanks(s.src.Text, last.at.End)+len("="))
		v, _ := s.value(n.Value(), start, depth+len(parts))
		v.Key = last.at
		if old := parent.Fields[last.name]; old != nil {
			s.duplicate("key", last, old)
		} else {
			parent.add(last.name, v)
		}
	}
	return end
}

// value reads the value that starts at an offset and lies depth deep in the file.
// It returns the offset behind it.
func (s *structure) value(n *unstable.Node, start, depth int) (*Value, int) {
	s.counted(s.src.Range(start, start+1))
	v := &Value{Kind: kinds[n.Kind]}
	end := int(n.Raw.Offset + n.Raw.Length)
	switch n.Kind {
	case unstable.Array, unstable.InlineTable:
		if depth > maxDepth || s.stopped {
			s.tooDeep(s.src.Range(start, start+1))
			return v, start + 1
		}
		end = s.members(v, n, start+1, depth)
	}
	v.Range = s.src.Range(start, end)
	s.refuse(n.Kind, v.Range)
	return v, end
}

// members reads what stands between the brackets of a list or inline table, from
// the offset behind the opening bracket. The parser gives no place for these
// values, so it is found from what may stand between them.
func (s *structure) members(v *Value, n *unstable.Node, at, depth int) int {
	if v.Kind == Table {
		v.Fields = map[string]*Value{}
	}
	for it := n.Children(); it.Next() && !s.stopped; {
		if v.Kind == Table {
			s.between(at, firstKey(it.Node()), false)
			at = s.keyValue(v, it.Node(), depth)
			continue
		}
		var item *Value
		item, at = s.value(it.Node(), skipFiller(s.src.Text, at), depth+1)
		v.Items = append(v.Items, item)
	}
	end := skipFiller(s.src.Text, at)
	if v.Kind == Table && !s.stopped {
		s.between(at, end, true)
	}
	return min(end+len("]"), len(s.src.Text))
}

// firstKey is the offset of a key.
func firstKey(n *unstable.Node) int {
	it := n.Key()
	it.Next()
	return int(it.Node().Raw.Offset)
}

var kinds = map[unstable.Kind]Kind{
	unstable.Array:       Array,
	unstable.InlineTable: Table,
	unstable.String:      String,
	unstable.Integer:     Integer,
	unstable.Float:       Float,
	unstable.Bool:        Bool,
}

// refuse refuses the values of TOML that the language has no use for.
func (s *structure) refuse(k unstable.Kind, at diag.Range) {
	switch k {
	case unstable.String:
		s.escapes(at)
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		s.faults.Error(diag.DateRefused, at, "dates and times are not part of the language").
			Hint = "write a string: \"" + at.Text() + "\""
	case unstable.Float:
		if strings.ContainsAny(at.Text(), "in") { // inf, nan
			s.faults.Error(diag.NotFinite, at, at.Text()+" is not a finite number")
		}
	}
}
