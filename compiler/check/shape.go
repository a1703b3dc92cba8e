package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// shape words what CUE refused in the shape of a file.
type shape struct {
	doc  *document
	file *source.File
}

func (s shape) word(f finding) diag.Diagnostic {
	schema := s.doc.root.at(f.path)
	parent, key := s.parent(f.path)
	switch {
	case f.value == nil:
		return s.missing(f, schema, key)
	case len(f.path) == 0:
		return s.cannotBe(f, diag.WrongForm, s.doc.root)
	case schema == nil:
		return s.unknown(f, parent, key)
	case parent.form != nil && !parent.form.MatchString(key):
		return s.badKey(f, parent, schema, key)
	case schema.kind != f.value.Kind:
		return s.wrongType(f, schema)
	}
	return s.cannotBe(f, s.reason(f, schema), schema)
}

// parent gives the schema of the table or list that the last element of a path is in.
func (s shape) parent(path []string) (*field, string) {
	if len(path) == 0 {
		return nil, ""
	}
	last := len(path) - 1
	return s.doc.root.at(path[:last]), path[last]
}

// reason tells which of its constraints a value of the right type breaks.
func (s shape) reason(f finding, schema *field) diag.Code {
	asks := schema.asks()
	switch {
	case len(f.path) == 1 && asks.low != nil && asks.low == asks.high:
		return diag.WrongVersion
	case schema.kind == source.Integer:
		return diag.OutOfRange
	case schema.limits != nil:
		return schema.textFault(f.value)
	case len(asks.words) > 0:
		return diag.NotOneOf
	case schema.distinct && repeated(f.value) != nil:
		return diag.RepeatedItem
	case schema.kind == source.Array || schema.kind == source.Table:
		return diag.WrongLength
	}
	return diag.WrongForm
}

// textFault tells apart the ways in which a bounded text can be wrong.
func (f *field) textFault(v *source.Value) diag.Code {
	if f.limits.unit == nil {
		if f.allows(v) {
			return diag.WrongForm
		}
		return diag.WrongLength
	}
	if _, ok := f.limits.unit.parse(v.Text); !ok || f.allows(v) {
		return diag.WrongForm
	}
	return diag.OutOfRange
}

func (s shape) missing(f finding, schema *field, key string) diag.Diagnostic {
	what := fmt.Sprintf("key %s in %s", diag.Quote(key), s.section(f.path[:len(f.path)-1]))
	if schema != nil && schema.kind == source.Table {
		what = "table " + s.section(f.path)
	}
	d := diag.Diagnostic{
		Severity: diag.Error, Code: diag.MissingKey, Subject: f.parent.Range,
		Summary: "missing " + what,
	}
	if schema != nil {
		d.Detail = sentences(schema.doc, schema.expectation())
	}
	return d
}

func (s shape) unknown(f finding, parent *field, key string) diag.Diagnostic {
	section := s.section(f.path[:len(f.path)-1])
	return diag.Diagnostic{
		Severity: diag.Error, Code: diag.UnknownKey, Subject: f.value.Named(),
		Summary: "unknown key " + diag.Quote(key),
		Detail:  parent.keys(section),
		Hint:    diag.DidYouMean(key, parent.order),
	}
}

// badKey words a key that has not the form of its table's keys.
func (s shape) badKey(f finding, parent, schema *field, key string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: diag.WrongForm, Subject: f.value.Named(),
		Summary: fmt.Sprintf("%s cannot be a name in %s", diag.Quote(key), s.section(f.path[:len(f.path)-1])),
		Detail:  schema.doc,
		Hint:    parent.nameMeant(key),
	}
}

func (s shape) wrongType(f finding, schema *field) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: diag.WrongType, Subject: f.value.Range,
		Summary: fmt.Sprintf("%s must be %v, not %v", s.show(f.path), schema.kind, f.value.Kind),
		Detail:  sentences(schema.doc, schema.expectation()),
		Hint:    conversion(f.value, schema),
	}
}

func (s shape) cannotBe(f finding, code diag.Code, schema *field) diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: code, Subject: f.value.Range,
		Summary: fmt.Sprintf("%s cannot be %s", s.show(f.path), shown(f.value)),
		Detail:  sentences(schema.doc, schema.expectation()),
	}
	switch code {
	case diag.WrongForm:
		d.Detail = sentences(schema.howto, schema.doc, schema.expectation())
		d.Hint = schema.didYouMean(f.value.Text)
	case diag.NotOneOf:
		d.Hint = diag.DidYouMean(f.value.Text, schema.asks().words)
	case diag.RepeatedItem:
		again := repeated(f.value)
		d.Subject = again.Range
		d.Summary = fmt.Sprintf("%s names %s twice", s.show(f.path), shown(again))
	case diag.WrongLength:
		d.Summary = fmt.Sprintf("%s cannot have %s", s.show(f.path), size(f.value))
	}
	return d
}

func (s shape) show(path []string) string {
	if len(path) == 0 {
		return s.doc.name
	}
	return show(s.file.Root, path)
}

// section names a table: [room], or what the file is for its outermost one.
func (s shape) section(path []string) string {
	if len(path) == 0 {
		return s.doc.name
	}
	if text := show(s.file.Root, path); !strings.HasSuffix(text, "]") {
		return "[" + text + "]"
	}
	return show(s.file.Root, path)
}

// expectation says in a sentence what the schema asks beyond type and form.
func (f *field) expectation() string {
	asks := f.asks()
	switch {
	case f.limits != nil && f.limits.unit == nil:
		return fmt.Sprintf("At most %d bytes.", f.limits.max)
	case f.limits != nil:
		text := fmt.Sprintf("From %s to %s", f.limits.unit.format(f.limits.min), f.limits.unit.format(f.limits.max))
		if f.limits.step > 1 {
			text += ", in steps of " + f.limits.unit.format(f.limits.step)
		}
		return text + "."
	case len(asks.words) == 1:
		return fmt.Sprintf("It can only be %s.", diag.Quote(asks.words[0]))
	case len(asks.words) > 0:
		return fmt.Sprintf("It can be %s.", diag.Or(asks.words))
	case asks.low != nil && asks.high != nil && *asks.low < *asks.high:
		return fmt.Sprintf("From %d to %d.", *asks.low, *asks.high)
	case asks.most > 0 && f.kind == source.String:
		return fmt.Sprintf("At most %d characters.", asks.most)
	case asks.most > 0:
		return fmt.Sprintf("At most %d entries.", asks.most)
	}
	return ""
}

func sentences(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// keys lists the keys of a table in a sentence.
func (f *field) keys(section string) string {
	sorted := slices.Sorted(slices.Values(f.order))
	last := len(sorted) - 1
	if last < 1 {
		return fmt.Sprintf("The only key of %s is %s.", section, strings.Join(sorted, ""))
	}
	return fmt.Sprintf("The keys of %s are %s and %s.", section, strings.Join(sorted[:last], ", "), sorted[last])
}

// conversion is the hint for a value that was only written in the wrong way.
func conversion(v *source.Value, schema *field) string {
	switch want := schema.kind; {
	case v.Kind == source.String && want == source.Integer:
		if _, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return "write it without quotes: " + v.Text
		}
	case v.Kind == source.String && want == source.Bool && (v.Text == "true" || v.Text == "false"):
		return "write it without quotes: " + v.Text
	case v.Kind == source.String && want == source.Array:
		return "write a list: [" + diag.Quote(v.Text) + "]"
	case v.Kind == source.Integer && want == source.String && schema.hasUnit():
		return cmp.Or(schema.didYouMean(strconv.FormatInt(v.Int, 10)), "write it in quotes, with its unit")
	case v.Kind == source.Integer && want == source.String:
		return "write it in quotes"
	}
	return ""
}

// shown writes a value in a message.
func shown(v *source.Value) string {
	switch v.Kind {
	case source.String:
		return diag.Quote(v.Text)
	case source.Integer:
		return strconv.FormatInt(v.Int, 10)
	case source.Bool:
		return strconv.FormatBool(v.Bool)
	}
	return v.Kind.String()
}

// size counts the members of a list or table, or the bytes of a text.
func size(v *source.Value) string {
	if v.Kind == source.String {
		return fmt.Sprintf("%d bytes", len(v.Text))
	}
	switch n := cmp.Or(len(v.Items), len(v.Names)); n {
	case 0:
		return "no entries"
	case 1:
		return "1 entry"
	default:
		return fmt.Sprintf("%d entries", n)
	}
}

// repeated is the first text or number in a list that stood there before.
func repeated(v *source.Value) *source.Value {
	texts, numbers := map[string]bool{}, map[int64]bool{}
	for _, item := range v.Items {
		switch {
		case item.Kind == source.String && texts[item.Text], item.Kind == source.Integer && numbers[item.Int]:
			return item
		case item.Kind == source.String:
			texts[item.Text] = true
		case item.Kind == source.Integer:
			numbers[item.Int] = true
		}
	}
	return nil
}
