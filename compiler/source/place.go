package source

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
)

// skipBlanks gives the offset of the first byte from at that is no blank or tab.
func skipBlanks(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	return at
}

// skipFiller skips what may stand before, between and behind the members of a
// list: blanks, line ends, commas, comments.
func skipFiller(text []byte, at int) int {
	for at < len(text) {
		switch text[at] {
		case ' ', '\t', '\r', '\n', ',':
			at++
		case '#':
			n := bytes.IndexByte(text[at:], '\n')
			if n < 0 {
				return len(text)
			}
			at += n
		default:
			return at
		}
	}
	return at
}

// headerRange widens the range of a header's key to its brackets.
func headerRange(text []byte, start, end int) (int, int) {
	for start > 0 && (text[start-1] == ' ' || text[start-1] == '\t' || text[start-1] == '[') {
		start--
	}
	start = skipBlanks(text, start)
	for end = skipBlanks(text, end); end < len(text) && text[end] == ']'; {
		end++
	}
	return start, end
}

// sections gives for an offset the header above it as it is written, or "" for
// the part of the file that stands above all headers.
func sections(headers []diag.Range) func(offset int) string {
	return func(offset int) string {
		i := sort.Search(len(headers), func(i int) bool { return headers[i].Start > offset })
		if i == 0 {
			return ""
		}
		return brief(headers[i-1].Text(), maxSection)
	}
}

// How many bytes of a header, or of what a reader says, a message shows.
const (
	maxSection = 64
	maxMessage = 200
)

// brief cuts a text at the end of a character.
func brief(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// deeper finds the bracket that opens more than so many lists and tables within one
// another, behind an offset. The parser gives no place for it: it refuses what is
// nested far more deeply before it says anything of the rest. Brackets in strings
// and comments do not count.
func deeper(text []byte, from, most int) int {
	depth := 0
	for i := from; i < len(text); i++ {
		switch c := text[i]; c {
		case '[', '{':
			if depth++; depth > most {
				return i
			}
		case ']', '}':
			depth--
		case '#':
			i += max(bytes.IndexByte(text[i:], '\n'), 0)
		case '"', '\'':
			i = stringEnd(text, i)
		}
	}
	return len(text)
}

// stringEnd gives the offset of the last quote of the string that starts at an
// offset, or of the last byte before the end of the text.
func stringEnd(text []byte, at int) int {
	quote := text[at : at+1]
	if three := bytes.Repeat(quote, 3); bytes.HasPrefix(text[at:], three) {
		quote = three
	}
	for i := at + len(quote); i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote[0] == '"':
			i++
		case bytes.HasPrefix(text[i:], quote):
			return i + len(quote) - 1
		}
	}
	return len(text) - 1
}
