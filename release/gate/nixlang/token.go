// Package nixlang reads the Nix language as far as a judge of sources needs it: tokens
// with their places, brackets that match, and the names and values of attribute sets.
// It knows strings, indented strings, comments, paths and what is interpolated in them,
// as Nix's own lexer does (src/libexpr/lexer.l), so that nothing in a comment or a
// string is taken for code, and nothing that is code for a string.
//
// It is no parser: it builds no expressions and evaluates nothing. There is none in Go
// that is kept up with the language.
package nixlang

import (
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Limits of a file.
const (
	MaxSize  = 1 << 20 // bytes
	MaxDepth = 200     // of brackets
)

// Kind is what a token is.
type Kind uint8

const (
	Ident      Kind = iota + 1 // keywords too
	Number                     // whole or not
	Path                       // a path, or a piece of one between interpolations
	SearchPath                 // <nixpkgs>
	URL                        // one without quotes
	Text                       // a piece of a string, its escapes resolved
	Open                       // ( [ { ${ " ''
	Close                      // ) ] } " ''
	Operator                   // all else
)

// Token is one token.
type Token struct {
	Kind  Kind
	Text  string
	Place diag.Range
	Match int // of Open the index of its Close, and the reverse
}

// Is reports whether the token is of a kind and has a text.
func (t Token) Is(k Kind, text string) bool { return t.Kind == k && t.Text == text }

// File is one file that was read.
type File struct {
	Source *diag.Source
	Tokens []Token
}

// none is what stands before the first token and behind the last.
var none Token

// At gives a token; the zero Token where there is none.
func (f *File) At(i int) Token {
	if i < 0 || i >= len(f.Tokens) {
		return none
	}
	return f.Tokens[i]
}

// Literal gives the text of the string that begins at a token; false if there begins
// none, or one of which a part is computed. What is interpolated and is itself such a
// text, as in "a${"b"}", is no more than a part of it; so is ${"b"} by itself.
func (f *File) Literal(i int) (string, bool) {
	t := f.At(i)
	switch {
	case t.Kind == URL:
		return t.Text, true
	case t.Is(Open, "${"):
		text, ok := f.Literal(i + 1)
		return text, ok && f.End(i+1) == t.Match-1
	case t.Kind != Open || t.Text != `"` && t.Text != "''":
		return "", false
	}
	var text strings.Builder
	for k := i + 1; k < t.Match; k = f.End(k) + 1 {
		part, ok := f.At(k).Text, true
		if f.At(k).Kind != Text {
			part, ok = f.Literal(k)
		}
		if !ok {
			return "", false
		}
		text.WriteString(part)
	}
	return text.String(), true
}

// End gives the index of the last token of what begins at a token: of a bracket or
// string its close.
func (f *File) End(i int) int {
	if t := f.At(i); t.Kind == Open {
		return t.Match
	}
	return i
}

// Range is the place of the tokens from one to another.
func (f *File) Range(first, last int) diag.Range {
	return f.Source.Range(f.At(first).Place.Start, f.At(last).Place.End)
}
