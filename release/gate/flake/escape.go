package flake

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// scriptBuilder gathers what strings mean, with the place of each byte.
type scriptBuilder struct {
	text []byte
	at   []int
}

func (b *scriptBuilder) add(c byte, at int) {
	b.text, b.at = append(b.text, c), append(b.at, at)
}

// quoted adds a piece of a string in quotes that begins at a byte of the file.
func (b *scriptBuilder) quoted(raw string, start int) {
	for i := 0; i < len(raw); i++ {
		at := start + i
		if raw[i] == '\\' && i+1 < len(raw) {
			i++
			b.add(escaped(raw[i]), at)
			continue
		}
		b.add(raw[i], at)
	}
}

// indented adds a piece of a string in two single quotes.
func (b *scriptBuilder) indented(raw string, start int) {
	for i := 0; i < len(raw); i++ {
		at := start + i
		switch rest := raw[i:]; {
		case strings.HasPrefix(rest, "'''"):
			b.add('\'', at)
			b.add('\'', at+1)
			i += 2
		case strings.HasPrefix(rest, "''$"):
			b.add('$', at)
			i += 2
		case strings.HasPrefix(rest, `''\`) && len(rest) > 3:
			b.add(escaped(rest[3]), at)
			i += 3
		default:
			b.add(raw[i], at)
		}
	}
}

// escaped is what a byte behind a backslash means to Nix.
func escaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// unescaped resolves what JSON and TOML have for a character by its number, \u005f.
func (s script) unescaped() script {
	if !strings.Contains(s.text, `\u`) && !strings.Contains(s.text, `\U`) {
		return s
	}
	var b scriptBuilder
	for i := 0; i < len(s.text); {
		r, n := numbered(s.text[i:])
		if n == 0 {
			b.add(s.text[i], s.at[i])
			i++
			continue
		}
		for _, c := range utf8.AppendRune(nil, r) {
			b.add(c, s.at[i])
		}
		i += n
	}
	return script{string(b.text), append(b.at, s.at[len(s.text)])}
}

// numbered reads a character by its number, and how many bytes that takes; 0 if there is
// none.
func numbered(text string) (r rune, n int) {
	switch {
	case strings.HasPrefix(text, `\u`) && len(text) >= 6:
		n = 6
	case strings.HasPrefix(text, `\U`) && len(text) >= 10:
		n = 10
	default:
		return 0, 0
	}
	number, err := strconv.ParseUint(text[2:n], 16, 31)
	if err != nil {
		return 0, 0
	}
	return rune(number), n
}
