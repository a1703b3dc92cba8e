package diag

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

const (
	excerptWidth = 120 // characters of a source line that are shown
	excerptLead  = 40  // of which at most so many before a subject far to the right
	excerptLines = 4   // lines of context shown on either side of the subject
)

// excerpt is the part of a source that a diagnostic shows, made fit for a
// terminal: one printable character for each of the source, long lines cut. hcl's
// writer gets this instead of the file, which it would scan from the start.
type excerpt struct {
	text       []byte // lines, each with a blank at its end so that none is empty
	first      int    // the number in the file of its first line
	count      int    // lines
	at         int    // index of the line of the subject
	start, end int    // bytes of text that are the subject, on that line
	indent     int    // columns before the carets
	carets     int
}

// newExcerpt returns nil if the subject is no place in a text.
func newExcerpt(subject, context Range) *excerpt {
	if !subject.HasText() {
		return nil
	}
	line := subject.From().Line
	first, last := line, line
	if context.HasText() && context.Source == subject.Source {
		first = max(min(first, context.From().Line), line-excerptLines)
		last = min(max(last, context.To().Line), line+excerptLines)
	}
	ex := &excerpt{first: first, count: last - first + 1, at: line - first}
	for n := first; n <= last; n++ {
		begin, end := subject.Source.line(n)
		if n == line {
			ex.addSubject(subject, begin, end)
		} else {
			ex.add(printable(subject.Source.Text[begin:end]), 0)
		}
		ex.text = append(ex.text, ' ', '\n')
	}
	return ex
}

// addSubject appends the line from begin to end, which holds the subject's start.
func (ex *excerpt) addSubject(subject Range, begin, end int) {
	text := subject.Source.Text
	stop := max(min(subject.End, end), min(subject.Start, end))
	before := printable(tail(text[begin:min(subject.Start, end)]))
	marked := printable(head(text[min(subject.Start, end):stop]))
	after := printable(head(text[stop:end]))

	skip := 0
	if len(before)+len(marked) > excerptWidth && len(before) > excerptLead {
		skip = len(before) - excerptLead
	}
	base := len(ex.text)
	shown := ex.add(append(append(before, marked...), after...), skip)
	lead := skip
	if skip > 0 {
		lead-- // the mark of the cut stands for the characters before
	}
	cut := func(n int) string { return string(shown[:min(n-lead, len(shown))]) }
	start, through := cut(len(before)), cut(len(before)+len(marked))
	ex.start, ex.end = base+len(start), base+len(through)
	ex.indent = columns(start)
	ex.carets = max(1, columns(through)-columns(start))
	if ex.end == ex.start {
		ex.end++
	}
}

// add appends one line without its first skip characters and gives what it
// appended: the marks of the cuts included.
func (ex *excerpt) add(line []rune, skip int) []rune {
	shown := line[skip:]
	cut := len(shown) > excerptWidth
	if cut {
		shown = shown[:excerptWidth]
	}
	var out []rune
	if skip > 0 {
		out = append(out, '…')
	}
	out = append(out, shown...)
	if cut {
		out = append(out, '…')
	}
	ex.text = append(ex.text, string(out)...)
	return out
}

// window is more bytes than can be shown of a line on either side of a cut, so that
// many faults on a long line do not take the line's length each.
const window = (excerptWidth + excerptLead) * utf8.UTFMax

// head gives the beginning of a part of a line, at least as much as can be shown.
func head(b []byte) []byte {
	n := min(len(b), window)
	for n < len(b) && !utf8.RuneStart(b[n]) {
		n++
	}
	return b[:n]
}

// tail gives the end of a part of a line, at least as much as can be shown.
func tail(b []byte) []byte {
	n := max(len(b)-window, 0)
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[n:]
}

// subjectLine is the number of the subject's line within the excerpt.
func (ex *excerpt) subjectLine() int { return ex.at + 1 }

// subject gives the subject in the excerpt, in hcl's terms.
func (ex *excerpt) subject() (start, end hcl.Pos) {
	return hcl.Pos{Line: ex.subjectLine(), Column: 1, Byte: ex.start},
		hcl.Pos{Line: ex.subjectLine(), Column: 1, Byte: ex.end}
}

// all is the whole excerpt as the context that hcl's writer shall print.
func (ex *excerpt) all(name string) *hcl.Range {
	return &hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.Pos{Line: ex.count, Column: 1, Byte: len(ex.text)}}
}

// line gives the bytes of the n-th line, without its line end.
func (s *Source) line(n int) (begin, end int) {
	begin, end = s.lines[n-1], len(s.Text)
	if n < len(s.lines) {
		end = s.lines[n] - 1
	}
	return begin, begin + len(bytes.TrimSuffix(s.Text[begin:end], []byte("\r")))
}

// printable gives one harmless rune for every rune of a line of input.
func printable(b []byte) []rune {
	return []rune(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, string(b)))
}

func columns(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}
