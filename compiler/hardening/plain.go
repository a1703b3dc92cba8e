package hardening

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
)

// plain refuses expressions before hcl's parser sees them, and depth that would
// exhaust its stack: outside of texts and comments there are names, numbers,
// brackets, = and commas, and in a text no template begins.
func (r *reader) plain() bool {
	depth := 0
	for at := 0; at < len(r.file.Text); {
		switch c := r.file.Text[at]; {
		case c == '#', c == '/' && r.begins(at, "//"):
			at += r.lineEnd(at)
			continue
		case c == '"':
			end, ok := r.textEnd(at)
			if !ok {
				return false
			}
			at = end
		case c == '{', c == '[':
			if depth++; depth > maxDepth {
				r.faults.Error(diag.RulesSyntax, r.file.Range(at, at+1), fmt.Sprintf("brackets are nested more than %d deep", maxDepth))
				return false
			}
		case c == '}', c == ']':
			depth--
		case c == '-' && at+1 < len(r.file.Text) && digit(r.file.Text[at+1]), word(c), bytes.IndexByte([]byte(" \t\n=,."), c) >= 0:
		default:
			return r.expression(at, 1)
		}
		at++
	}
	return true
}

// textEnd finds the quote that ends the text beginning at a byte.
func (r *reader) textEnd(at int) (int, bool) {
	for at++; at < len(r.file.Text); at++ {
		switch r.file.Text[at] {
		case '"':
			return at, true
		case '\\':
			at++
		case '\n':
			return 0, r.unended(at)
		case '$', '%':
			if at+1 < len(r.file.Text) && r.file.Text[at+1] == '{' {
				return 0, r.expression(at, 2)
			}
		}
	}
	return 0, r.unended(len(r.file.Text))
}

func (r *reader) unended(at int) bool {
	r.faults.Error(diag.RulesSyntax, r.file.Range(at, at), "a text does not end on the line on which it begins")
	return false
}

func (r *reader) expression(at, length int) bool {
	if _, n := utf8.DecodeRune(r.file.Text[at:]); n > length {
		length = n
	}
	subject := r.file.Range(at, at+length)
	r.faults.Error(diag.RulesSyntax, subject, fmt.Sprintf("%s is not part of a plain value", diag.Quote(subject.Text()))).
		Detail = "Rules are texts, numbers, true, false and lists of them: whoever reads one sees what it says."
	return false
}

func (r *reader) begins(at int, prefix string) bool {
	return bytes.HasPrefix(r.file.Text[at:], []byte(prefix))
}

// lineEnd gives how many bytes there are up to the next line feed.
func (r *reader) lineEnd(at int) int {
	if n := bytes.IndexByte(r.file.Text[at:], '\n'); n >= 0 {
		return n
	}
	return len(r.file.Text) - at
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func word(c byte) bool { return digit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
