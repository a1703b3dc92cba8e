package hardening

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"unicode"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// block is one block of the file. It notes which attributes its kind knows, so
// that end can name the others.
type block struct {
	*hclsyntax.Block
	reader *reader
	known  []string
	inner  []string // the types of blocks that it may hold
}

const maxText = 400 // bytes of a text in a rule

// head is the place of the block's first line: its type and label.
func (b *block) head() diag.Range {
	r := b.reader.place(b.TypeRange)
	if len(b.LabelRanges) > 0 {
		r.End = b.reader.place(b.LabelRanges[len(b.LabelRanges)-1]).End
	}
	return r
}

func (b *block) error(code diag.Code, at diag.Range, format string, args ...any) *diag.Diagnostic {
	return b.reader.faults.Error(code, at, fmt.Sprintf(format, args...))
}

// label is the block's only label, of which form says whether it can be one.
func (b *block) label(what string, form func(string) bool) string {
	if len(b.Labels) != 1 {
		b.error(diag.RulesMissing, b.head(), "%s has %d labels, want the %s", diag.Quote(b.Type), len(b.Labels), what)
		return ""
	}
	if !form(b.Labels[0]) {
		b.error(diag.RulesValue, b.reader.place(b.LabelRanges[0]), "%s is no %s", diag.Quote(b.Labels[0]), what)
	}
	return b.Labels[0]
}

// attribute gives an attribute of the block, nil if it has none of that name.
func (b *block) attribute(name string) *hclsyntax.Attribute {
	b.known = append(b.known, name)
	return b.Body.Attributes[name]
}

// value is a plain value as HCL understands it: a string, *big.Float, bool or a
// []any of them; nil after a fault was noted.
func (b *block) value(a *hclsyntax.Attribute) any {
	v, found := a.Expr.Value(nil)
	if found.HasErrors() {
		b.error(diag.RulesSyntax, b.place(a), "%s is not a plain value", a.Name).Detail = found[0].Detail
		return nil
	}
	if v.IsNull() {
		b.error(diag.RulesValue, b.place(a), "%s is null", a.Name)
		return nil
	}
	switch v.Type().FriendlyName() {
	case "string":
		return v.AsString()
	case "number":
		return v.AsBigFloat()
	case "bool":
		return v.True()
	case "tuple":
		list := []any{}
		for _, item := range v.AsValueSlice() {
			switch {
			case item.IsNull():
				list = append(list, nil)
			case item.Type().FriendlyName() == "string":
				list = append(list, item.AsString())
			case item.Type().FriendlyName() == "number":
				list = append(list, item.AsBigFloat())
			default:
				list = append(list, nil)
			}
		}
		return list
	}
	b.wrong(a, "a text, a number, true, false or a list")
	return nil
}

// place is that of the attribute's value.
func (b *block) place(a *hclsyntax.Attribute) diag.Range { return b.reader.place(a.Expr.Range()) }

// wrong notes one fault for a value, however often it is asked for.
func (b *block) wrong(a *hclsyntax.Attribute, want string) {
	if n := len(b.reader.faults); n > 0 && b.reader.faults[n-1].Subject == b.place(a) {
		return
	}
	b.error(diag.RulesValue, b.place(a), "%s is not %s", a.Name, want)
}

// text is an attribute that must be there and be a line of text.
func (b *block) text(name string) string {
	a := b.attribute(name)
	if a == nil {
		b.error(diag.RulesMissing, b.head(), "the %s has no %s", b.what(), name)
		return ""
	}
	s, ok := b.value(a).(string)
	if !ok || strings.TrimSpace(s) == "" || len(s) > maxText || strings.ContainsFunc(s, unprintable) {
		b.wrong(a, fmt.Sprintf("a line of 1 to %d printable characters", maxText))
	}
	return s
}

// what names the block in messages: a waiver is no rule.
func (b *block) what() string {
	if b.Type == "waiver" {
		return "waiver"
	}
	return "rule"
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// flag is an attribute that is true or not there.
func (b *block) flag(name string) bool {
	a := b.attribute(name)
	if a == nil {
		return false
	}
	if v, ok := b.value(a).(bool); !ok || !v {
		b.error(diag.RulesValue, b.place(a), "%s can only be true", name)
	}
	return true
}

// texts is an attribute that is a list of texts, nil if it is not there.
func (b *block) texts(name string) []string {
	a := b.attribute(name)
	if a == nil {
		return nil
	}
	list, ok := b.value(a).([]any)
	var all []string
	seen := map[string]bool{}
	for _, item := range list {
		s, is := item.(string)
		ok = ok && is && s != "" && !strings.ContainsFunc(s, unprintable) && !seen[s]
		all, seen[s] = append(all, s), true
	}
	if !ok || len(list) == 0 {
		b.wrong(a, "a list of different texts")
	}
	return all
}

// integer reports whether v is a whole number that fits.
func integer(v any) (int64, bool) {
	f, ok := v.(*big.Float)
	if !ok || !f.IsInt() {
		return 0, false
	}
	n, accuracy := f.Int64()
	return n, accuracy == big.Exact
}

// end names what the block's kind does not know.
func (b *block) end() {
	for _, name := range slices.Sorted(maps.Keys(b.Body.Attributes)) {
		if !slices.Contains(b.known, name) && !b.reader.full() {
			d := b.error(diag.RulesUnknown, b.reader.place(b.Body.Attributes[name].NameRange), "%s has no attribute %s", diag.Quote(b.Type), diag.Quote(name))
			d.Detail = "It has: " + strings.Join(b.known, ", ") + "."
			d.Hint = diag.DidYouMean(name, b.known)
		}
	}
	for _, inner := range b.Body.Blocks {
		if !slices.Contains(b.inner, inner.Type) && !b.reader.full() {
			d := b.error(diag.RulesUnknown, b.reader.place(inner.TypeRange), "%s holds no block %s", diag.Quote(b.Type), diag.Quote(inner.Type))
			d.Hint = diag.DidYouMean(inner.Type, b.inner)
		}
	}
}
