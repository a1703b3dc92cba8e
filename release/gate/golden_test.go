// Package gate holds the tests of the gates: one bad input for each rule, with all
// that is said of it, in testdata.
package gate

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/anchor-os/anchor/compiler/diag"
)

var update = flag.Bool("update", false, "rewrite the expected messages in testdata")

func render(t testing.TB, l diag.List) string {
	t.Helper()
	var b strings.Builder
	if err := l.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares what is said of each input, by its name, with an archive.
func golden(t *testing.T, name string, got map[string]string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		var a txtar.Archive
		for _, name := range slices.Sorted(maps.Keys(got)) {
			a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got[name])})
		}
		if err := os.WriteFile(path, txtar.Format(&a), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range a.Files {
		want[f.Name] = string(f.Data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// edit replaces one part of a text, which must be there once.
func edit(t testing.TB, text, old, new string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is there %d times", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, new, 1)
}
