package source

import (
	"bytes"
	"sort"

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
		return headers[i-1].Text()
	}
}
