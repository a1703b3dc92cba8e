package lazyregexp

import (
	"fmt"
	"testing"
)

func TestRegexp(t *testing.T) {
	r := New(`(a)(b?)`)
	for what, got := range map[string]any{
		"true":                r.MatchString("xab"),
		"ab":                  r.FindString("xab"),
		"[ab a b]":            r.FindStringSubmatch("xab"),
		"[[97 98] [97] [98]]": r.FindSubmatch([]byte("xab")),
		"x-":                  r.ReplaceAllString("xab", "-"),
		"[[[97] [97] []]]":    r.FindAllSubmatch([]byte("xa"), -1),
		"[[1 2 1 2 2 2]]":     r.FindAllSubmatchIndex([]byte("xa"), -1),
		"[[0 1 0 1 1 1]]":     r.FindAllStringSubmatchIndex("a", -1),
	} {
		if fmt.Sprint(got) != what {
			t.Errorf("got %v, want %s", got, what)
		}
	}
	if got := string(r.ReplaceAll([]byte("xab"), []byte("-"))); got != "x-" {
		t.Errorf("got %s", got)
	}
}

func TestBrokenOnesAreFoundByTests(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was taken")
		}
	}()
	New(`(`)
}
