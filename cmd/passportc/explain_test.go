package main

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/explain"
)

// Every key has an example, in which it is given.
func TestExamplesOfKeys(t *testing.T) {
	for _, path := range check.DocumentedPaths() {
		d, _ := check.Document(path)
		if d == nil {
			t.Fatalf("%s is not documented", path)
		}
		if d.Type == "" { // no key, but a value that has a name
			continue
		}
		key := d.Path[len(d.Path)-1]
		if example := exampleOf(d); !strings.Contains(example, key) {
			t.Errorf("the example of %s is %q", path, example)
		}
	}
}

// The examples of system.toml are in force on a machine; those of a passport are the
// ones of a new room, which have their own test.
func TestExampleOfSystem(t *testing.T) {
	files := fstest.MapFS{"system.toml": {Data: systemExample}}
	t.Chdir(t.TempDir())
	for name, text := range writeBase(t) {
		if name, below := strings.CutPrefix(name, "rooms/"); below && !strings.Contains(name, "ROOM") && name != "system.toml" {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	for _, d := range compiler.Check(files, "rooms") {
		t.Errorf("%s: %s", d.Subject.Text(), d.Summary)
	}
}

const codesDocument = "../../docs/CODES.md"

// docs/CODES.md is made of what explain says.
func TestCodesDocument(t *testing.T) {
	var all []*explain.Code
	for _, c := range diag.Codes() {
		e, err := explain.OfCode(c)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	want := explain.Document(all)
	if *update {
		if err := os.WriteFile(codesDocument, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(codesDocument)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/CODES.md is not what explain says; run this test with -update (-explain +document):\n%s", diff)
	}
}
