package source

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	tomltest "github.com/toml-lang/toml-test/v2"

	"github.com/anchor-os/anchor/compiler/diag"
)

// listed are the refusals of valid TOML 1.0 that the language makes on purpose.
var listed = map[diag.Code]string{
	diag.DateRefused:      "dates and times",
	diag.NotFinite:        "inf and nan",
	diag.ControlCharacter: "characters that do not show",
}

// TestCorpus holds Parse to all of toml-test: the whole of TOML 1.0, and of what
// TOML 1.1 adds.
func TestCorpus(t *testing.T) {
	old, newer := corpus(t, "1.0.0"), corpus(t, "1.1.0")
	count := map[string]int{}
	for _, name := range old {
		valid := strings.HasPrefix(name, "valid/")
		f, faults := parseCorpus(t, name)
		reason := onlyListed(faults)
		switch {
		case !valid && f != nil:
			t.Errorf("%s was accepted", name)
		case !valid:
			count["TOML 1.0, invalid: refused"]++
		case f != nil:
			sameContent(t, name, f.Root)
			count["TOML 1.0, valid: accepted, each value the same"]++
		case reason == "":
			t.Errorf("%s was refused:\n%s", name, render(t, faults))
		default:
			count["TOML 1.0, valid: refused for "+reason]++
		}
	}
	for _, name := range newer {
		if slices.Contains(old, name) {
			continue
		}
		f, faults := parseCorpus(t, name)
		text, _ := fs.ReadFile(tomltest.TestCases(), name)
		switch added := f == nil && strings.Contains(render(t, faults), "is not TOML 1.0"); {
		case added:
			count["TOML 1.1: refused as such"]++
		case f == nil:
			count["TOML 1.1: refused for another reason"]++
		case usesAdditions(text):
			t.Errorf("%s was accepted", name)
		default:
			count["TOML 1.1: accepted, since it is TOML 1.0 too"]++
		}
	}
	for _, what := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%4d  %s", count[what], what)
	}
	if len(old) < 679 || count["TOML 1.1: refused as such"] == 0 {
		t.Errorf("only %d files of TOML 1.0 were judged", len(old))
	}
}

// corpus lists the files that a version of TOML knows.
func corpus(t *testing.T, version string) []string {
	t.Helper()
	list, err := fs.ReadFile(tomltest.TestCases(), "files-toml-"+version)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Fields(string(list)), func(name string) bool { return !strings.HasSuffix(name, ".toml") })
}

func parseCorpus(t *testing.T, name string) (*File, diag.List) {
	t.Helper()
	text, err := fs.ReadFile(tomltest.TestCases(), name)
	if err != nil {
		t.Fatal(err)
	}
	f, faults := Parse(name, text)
	if (f == nil) != faults.HasErrors() {
		t.Errorf("%s: file %v and\n%s", name, f, render(t, faults))
	}
	return f, faults
}

// onlyListed names the reason if all faults are refusals on purpose.
func onlyListed(faults diag.List) (reason string) {
	for _, d := range faults {
		if reason = listed[d.Code]; reason == "" {
			return ""
		}
	}
	return reason
}

// usesAdditions knows what TOML 1.1 added by its look.
func usesAdditions(text []byte) bool {
	return bytes.Contains(text, []byte(`\x`)) || bytes.Contains(text, []byte(`\e`)) || bytes.Contains(text, []byte("{\n"))
}

// sameContent compares what was read with the JSON beside the file.
func sameContent(t *testing.T, name string, root *Value) {
	t.Helper()
	text, err := fs.ReadFile(tomltest.TestCases(), strings.TrimSuffix(name, ".toml")+".json")
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	test := tomltest.Test{Path: name}
	if got := test.CompareJSON(want, tagged(root)); got.Failed() {
		t.Errorf("%s: %s", name, got.Failure)
	}
}

// tagged writes a value as the corpus does.
func tagged(v *Value) any {
	tag := func(kind, text string) any { return map[string]any{"type": kind, "value": text} }
	switch v.Kind {
	case Table:
		table := map[string]any{}
		for name, child := range v.Fields {
			table[name] = tagged(child)
		}
		return table
	case Array:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, tagged(item))
		}
		return list
	case Integer:
		return tag("integer", strconv.FormatInt(v.Int, 10))
	case Float:
		return tag("float", strconv.FormatFloat(v.Float, 'g', -1, 64))
	case Bool:
		return tag("bool", strconv.FormatBool(v.Bool))
	}
	return tag("string", v.Text)
}
