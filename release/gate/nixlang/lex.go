package nixlang

import (
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// Read gives the tokens of a file. If there is a fault, it is the first, and the tokens
// must not be used.
func Read(name string, text []byte) (*File, diag.List) {
	l := &lexer{file: &File{Source: diag.NewSource(name, text)}, text: string(text)}
	if len(text) > MaxSize {
		l.file.Source = diag.NewSource(name, nil)
		l.faults.Error(diag.TooLarge, l.file.Source.Whole(), fmt.Sprintf("the file has more than %d bytes", MaxSize))
		return l.file, l.faults
	}
	for len(l.faults) == 0 && l.at < len(l.text) {
		switch l.within() {
		case `"`:
			l.string()
		case "''":
			l.indented()
		default:
			l.code()
		}
	}
	if n := len(l.open); n > 0 && len(l.faults) == 0 {
		t := l.file.Tokens[l.open[n-1].token]
		l.faults.Error(diag.NixSyntax, t.Place, fmt.Sprintf("nothing closes this %s", t.Text))
	}
	return l.file, l.faults
}

// lexer is the state of one Read.
type lexer struct {
	file   *File
	text   string
	at     int
	open   []bracket
	faults diag.List

	noPath, noURL int // before these bytes no path and no URL begins: it was looked
}

type bracket struct {
	token  int
	inPath bool // an interpolation in a path, which goes on behind it
}

func (l *lexer) within() string {
	if len(l.open) == 0 {
		return ""
	}
	return l.file.Tokens[l.open[len(l.open)-1].token].Text
}

func (l *lexer) fault(start, end int, format string, args ...any) {
	l.faults.Error(diag.NixSyntax, l.file.Source.Range(start, end), fmt.Sprintf(format, args...))
}

// add notes a token that ends at a byte, and goes on there.
func (l *lexer) add(k Kind, text string, end int) {
	l.file.Tokens = append(l.file.Tokens, Token{Kind: k, Text: text, Place: l.file.Source.Range(l.at, end)})
	l.at = end
}

func (l *lexer) push(text string, inPath bool) {
	if len(l.open) == MaxDepth {
		l.fault(l.at, l.at+len(text), "brackets are nested more than %d deep", MaxDepth)
		return
	}
	l.open = append(l.open, bracket{len(l.file.Tokens), inPath})
	l.add(Open, text, l.at+len(text))
}

var closes = map[string]string{")": "(", "]": "[", "}": "{"}

func (l *lexer) pop(text string) {
	within := l.within()
	if within != closes[text] && (text != "}" || within != "${") && within != text {
		l.fault(l.at, l.at+len(text), "nothing is open that this %s closes", text)
		return
	}
	b := l.open[len(l.open)-1]
	l.open = l.open[:len(l.open)-1]
	l.file.Tokens[b.token].Match = len(l.file.Tokens)
	l.add(Close, text, l.at+len(text))
	l.file.Tokens[len(l.file.Tokens)-1].Match = b.token
	if b.inPath {
		l.path(l.at + span(l.text[l.at:], isPathChar, '/'))
	}
}

var (
	comment  = lazyregexp.New(`^(?:[ \t\r\n]+|#[^\r\n]*)+`)
	ident    = lazyregexp.New(`^[a-zA-Z_][a-zA-Z0-9_'-]*`)
	number   = lazyregexp.New(`^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?`)
	search   = lazyregexp.New(`^<[a-zA-Z0-9._+-]+(?:/[a-zA-Z0-9._+-]+)*>`)
	operator = lazyregexp.New(`^(?:\.\.\.|==|!=|<=|>=|&&|\|\||->|//|\+\+|\|>|<\||[-=!<>+*/:;,.?@])`)
)

// code reads one token outside strings. Of several that could begin here the longest
// counts, as in flex.
func (l *lexer) code() {
	rest := l.text[l.at:]
	if strings.HasPrefix(rest, "/*") {
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			l.fault(l.at, l.at+2, "nothing closes this comment")
		}
		l.at += end + 4
		return
	}
	if n := len(comment.FindString(rest)); n > 0 {
		l.at += n
		return
	}
	word := len(ident.FindString(rest))
	path, begins := l.pathEnd()
	url := l.urlEnd()
	switch {
	case url > path && url > l.at+word:
		l.add(URL, l.text[l.at:url], url)
	case begins && path > l.at+word:
		l.path(path)
	case word > 0:
		l.add(Ident, rest[:word], l.at+word)
	default:
		l.symbol(rest)
	}
}

func (l *lexer) symbol(rest string) {
	if n := len(number.FindString(rest)); n > 0 {
		l.add(Number, rest[:n], l.at+n)
		return
	}
	if n := len(search.FindString(rest)); n > 0 {
		l.add(SearchPath, rest[:n], l.at+n)
		return
	}
	for _, b := range []string{"${", "''", `"`, "(", "[", "{"} {
		if strings.HasPrefix(rest, b) {
			l.push(b, false)
			return
		}
	}
	if _, is := closes[rest[:1]]; is {
		l.pop(rest[:1])
		return
	}
	if op := operator.FindString(rest); op != "" {
		l.add(Operator, op, l.at+len(op))
		return
	}
	l.fault(l.at, l.at+1, "Nix has no character %s here", diag.Quote(rest[:1]))
}

func isPathChar(c byte) bool { return isAlnum(c) || strings.IndexByte("._-+", c) >= 0 }

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// span counts the leading bytes that are of a class or the one more.
func span(s string, class func(byte) bool, more byte) int {
	i := 0
	for i < len(s) && (class(s[i]) || s[i] == more) {
		i++
	}
	return i
}

// pathEnd tells whether a path begins here, and where it or its first piece ends: name
// characters, a slash, and behind it a name or an interpolation.
func (l *lexer) pathEnd() (end int, begins bool) {
	if l.at < l.noPath {
		return l.at, false
	}
	i := l.at
	if l.text[i] == '~' {
		i++
	} else {
		i += span(l.text[i:], isPathChar, '.')
	}
	if i == len(l.text) || l.text[i] != '/' {
		l.noPath = i
		return l.at, false
	}
	if rest := l.text[i+1:]; strings.HasPrefix(rest, "${") || rest != "" && isPathChar(rest[0]) {
		return i + 1 + span(rest, isPathChar, '/'), true
	}
	l.noPath = i
	return l.at, false
}

// path reads a piece of a path that ends at a byte, and the interpolation behind it.
func (l *lexer) path(end int) {
	if end > l.at {
		l.add(Path, l.text[l.at:end], end)
	}
	if strings.HasPrefix(l.text[l.at:], "${") {
		l.push("${", true)
	}
}

// urlEnd gives the end of a URL without quotes that begins here, or here.
func (l *lexer) urlEnd() int {
	first := l.text[l.at]
	if l.at < l.noURL || !isAlnum(first) || '0' <= first && first <= '9' {
		return l.at
	}
	i := l.at
	for i < len(l.text) && (isAlnum(l.text[i]) || strings.IndexByte("+-.", l.text[i]) >= 0) {
		i++
	}
	if i == len(l.text) || l.text[i] != ':' {
		l.noURL = i
		return l.at
	}
	n := span(l.text[i+1:], func(c byte) bool { return isAlnum(c) || strings.IndexByte("%/?:@&=+$,-_.!~*'", c) >= 0 }, '/')
	if n == 0 {
		l.noURL = i
		return l.at
	}
	return i + 1 + n
}
