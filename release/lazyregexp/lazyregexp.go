// Package lazyregexp has regular expressions that are compiled when they are first used.
// Those of all packages together would take a tenth of every start of passportc, which
// uses few of them. It is what Go's own internal/lazyregexp is to cmd/go.
package lazyregexp

import (
	"os"
	"regexp"
	"strings"
	"sync"
)

// Regexp is a regular expression. Its methods are those of regexp.Regexp.
type Regexp struct{ get func() *regexp.Regexp }

// New takes the text of an expression. In tests it is compiled at once, so that one that
// is broken is found by any test of its package; elsewhere it panics when it is used.
func New(text string) Regexp {
	if inTest {
		regexp.MustCompile(text)
	}
	return Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

var inTest = strings.HasSuffix(os.Args[0], ".test")

func (r Regexp) MatchString(s string) bool            { return r.get().MatchString(s) }
func (r Regexp) FindString(s string) string           { return r.get().FindString(s) }
func (r Regexp) FindStringSubmatch(s string) []string { return r.get().FindStringSubmatch(s) }
func (r Regexp) FindSubmatch(b []byte) [][]byte       { return r.get().FindSubmatch(b) }
func (r Regexp) ReplaceAll(b, by []byte) []byte       { return r.get().ReplaceAll(b, by) }
func (r Regexp) ReplaceAllString(s, by string) string { return r.get().ReplaceAllString(s, by) }

func (r Regexp) FindAllSubmatch(b []byte, n int) [][][]byte {
	return r.get().FindAllSubmatch(b, n)
}

func (r Regexp) FindAllSubmatchIndex(b []byte, n int) [][]int {
	return r.get().FindAllSubmatchIndex(b, n)
}

func (r Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return r.get().FindAllStringSubmatchIndex(s, n)
}
