package nixlang

import "strings"

// string reads a piece of a string in quotes, up to its end or an interpolation. A $ is
// one by itself where no brace follows, and a second $ takes away the first one's
// meaning.
func (l *lexer) string() {
	var text strings.Builder
	i := l.at
	for i < len(l.text) {
		switch c := l.text[i]; {
		case c == '"' || strings.HasPrefix(l.text[i:], "${"):
			l.piece(text.String(), i)
			if c == '"' {
				l.pop(`"`)
			} else {
				l.push("${", false)
			}
			return
		case c == '\\' && i+1 < len(l.text):
			text.WriteString(unescape(l.text[i+1]))
			i += 2
		case c == '$' && i+1 < len(l.text) && l.text[i+1] != '"' && l.text[i+1] != '\\':
			text.WriteString(l.text[i : i+2])
			i += 2
		default:
			text.WriteByte(c)
			i++
		}
	}
	l.at = i // and nothing closes it
}

// indented reads a piece of a string in two single quotes.
func (l *lexer) indented() {
	var text strings.Builder
	i := l.at
	for i < len(l.text) {
		switch rest := l.text[i:]; {
		case strings.HasPrefix(rest, "'''"):
			text.WriteString("''")
			i += 3
		case strings.HasPrefix(rest, "''$"):
			text.WriteByte('$')
			i += 3
		case strings.HasPrefix(rest, `''\`) && len(rest) > 3:
			text.WriteString(unescape(rest[3]))
			i += 4
		case strings.HasPrefix(rest, "''"), strings.HasPrefix(rest, "${"):
			l.piece(text.String(), i)
			if rest[0] == '\'' {
				l.pop("''")
			} else {
				l.push("${", false)
			}
			return
		case rest[0] == '$' && len(rest) > 1 && rest[1] != '\'', rest[0] == '\'' && len(rest) > 1 && rest[1] != '$':
			text.WriteString(rest[:2])
			i += 2
		default:
			text.WriteByte(rest[0])
			i++
		}
	}
	l.at = i
}

// piece notes the text of a string up to a byte, if there is any.
func (l *lexer) piece(text string, end int) {
	if end > l.at {
		l.add(Text, text, end)
	}
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	}
	return string([]byte{c})
}
