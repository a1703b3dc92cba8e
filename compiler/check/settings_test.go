package check

import (
	"regexp"
	"testing"

	"github.com/anchor-os/anchor/compiler/source"
)

// Settings has every key of the schema, whether a file gives it or not.
func TestSettingsOfEveryKey(t *testing.T) {
	tree, faults := source.ReadTree(load(parse(t, "testdata/valid/everything.txtar")), "rooms")
	if faults.HasErrors() {
		t.Fatal(render(t, faults))
	}
	index := regexp.MustCompile(`\[\d+\]`)
	seen := map[string]bool{}
	note := func(file *source.File, system bool) {
		for _, s := range Settings(file, system) {
			path := index.ReplaceAllString(s.Path, "")
			if system {
				path = "system." + path
			}
			if seen[path] = true; s.Origin.Valid() && s.Value == nil {
				t.Errorf("%s has an origin and no value", s.Path)
			}
		}
	}
	note(tree.System, true)
	for _, room := range tree.Rooms {
		note(room.Passport, false)
	}
	for _, path := range DocumentedPaths() {
		d, _ := Document(path)
		if d.Type != "" && d.Type != "a table" && d.Type != "a list of tables" && !seen[path] {
			t.Errorf("%s is missing", path)
		}
	}
	if !seen["room.environment.Z"] || len(seen) < 60 {
		t.Errorf("only %d keys seen", len(seen))
	}
}
