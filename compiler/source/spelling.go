package source

import (
	"fmt"
	"strconv"
	"strings"
)

// keyText spells one part of a key: without quotes where it needs none.
func keyText(name, raw string) string {
	if bareKey(name) {
		return name
	}
	return plainQuotes(raw, "'")
}

func bareKey(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// stringText spells a string: between plain quotes where nothing in it has to be
// escaped for that, else as its author did. Line ends become line feeds; where they
// are part of the value, they are written as escapes, which no editor changes.
func stringText(value, raw string) string {
	for _, long := range []string{`"""`, "'''"} {
		switch {
		case !strings.HasPrefix(raw, long):
		case !strings.Contains(raw, "\n"):
			return plainQuotes(raw, long)
		case !strings.Contains(raw, "\r"):
			return raw
		case !strings.Contains(value, "\r"):
			return strings.ReplaceAll(raw, "\r\n", "\n")
		default:
			return escaped(value)
		}
	}
	return plainQuotes(raw, "'")
}

// plainQuotes puts text between plain quotes that stands in others, if it is the
// same there.
func plainQuotes(raw, others string) string {
	inner, found := strings.CutPrefix(raw, others)
	inner = strings.TrimSuffix(inner, others)
	if !found || strings.ContainsAny(inner, `"\`) {
		return raw
	}
	return `"` + inner + `"`
}

// escaped writes a text as a basic string on one line (TOML 1.0, String).
func escaped(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range value {
		switch short := strings.IndexRune("\"\\\b\t\n\f\r", r); {
		case short >= 0:
			b.WriteString(`\` + `"\btnfr`[short:short+1])
		case (isControl(r) || isHidden(r)) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case isControl(r) || isHidden(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// TOML writes a value on one line, as a new author would.
func (v *Value) TOML() string {
	var all []string
	switch v.Kind {
	case String:
		return escaped(v.Text)
	case Integer:
		return strconv.FormatInt(v.Int, 10)
	case Float:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case Bool:
		return strconv.FormatBool(v.Bool)
	case Array:
		for _, item := range v.Items {
			all = append(all, item.TOML())
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	for _, name := range v.Names {
		key := name
		if !bareKey(name) {
			key = escaped(name)
		}
		all = append(all, key+" = "+v.Fields[name].TOML())
	}
	return "{ " + strings.Join(all, ", ") + " }"
}

// Plain gives a value without its places, as encoding/json reads one.
func (v *Value) Plain() any {
	switch v.Kind {
	case String:
		return v.Text
	case Integer:
		return v.Int
	case Float:
		return v.Float
	case Bool:
		return v.Bool
	case Array:
		all := []any{}
		for _, item := range v.Items {
			all = append(all, item.Plain())
		}
		return all
	}
	all := map[string]any{}
	for name, field := range v.Fields {
		all[name] = field.Plain()
	}
	return all
}
