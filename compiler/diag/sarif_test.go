package diag

import (
	"flag"
	"os"
	"strings"
	"sync"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected log in testdata")

// sarifValidator gives a function that holds a log against the schema that OASIS
// publishes, by CUE's reading of it.
var sarifValidator = sync.OnceValues(func() (func(log string) error, error) {
	text, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		return nil, err
	}
	expr, err := json.Extract("sarif-schema-2.1.0.json", text)
	if err != nil {
		return nil, err
	}
	ctx := cuecontext.New()
	file, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{
		DefaultVersion: jsonschema.VersionDraft4, StrictFeatures: true})
	if err != nil {
		return nil, err
	}
	schema := ctx.BuildFile(file)
	return func(log string) error {
		expr, err := json.Extract("log", []byte(log))
		if err != nil {
			return err
		}
		return schema.Unify(ctx.BuildExpr(expr)).Validate(cue.Concrete(true), cue.Final())
	}, schema.Err()
})

func sarif(t testing.TB, l List, s SARIF) string {
	t.Helper()
	var b strings.Builder
	if err := l.WriteSARIF(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func validate(t testing.TB, log string) error {
	t.Helper()
	validate, err := sarifValidator()
	if err != nil {
		t.Fatal(err)
	}
	return validate(log)
}

// everyPart is a list with each part that a diagnostic can have, and with what a
// renderer can do wrong: characters of one, two, three and four bytes before the
// place, a place of several lines, a name that is no URI, and braces.
func everyPart() List {
	text := "é = \"漢😀\" # {0}\nb = [\n  1,\n]\n"
	s := NewSource("/home/me/rooms/a b:c/pass%port.toml", []byte(text))
	at := func(what string) Range {
		i := strings.Index(text, what)
		return s.Range(i, i+len(what))
	}
	return List{
		{
			Severity: Error, Code: UnknownKey, Subject: at("😀"),
			Summary: "unknown key {0}", Detail: "See [here](1).\nA second line: 100%.", Hint: "mend\x1b it",
			Related: []Related{{"first, here", at("[\n  1,\n]")}, {"nowhere", Range{}}},
		},
		{Severity: Warning, Code: PartitionUnused, Summary: "a warning", Subject: at("b")},
		{Severity: Error, Code: UnknownKey, Summary: "again", Subject: at("1")},
		{Severity: Error, Code: NoRooms, Summary: "a directory", Subject: NewSource("/home/me/rooms", nil).Whole()},
		{Severity: Error, Code: Unreadable, Summary: "nowhere"},
	}
}

func withoutHome(name string) string { return strings.TrimPrefix(name, "/home/me/") }

func TestSARIF(t *testing.T) {
	got := sarif(t, everyPart(), SARIF{
		Help: func(c Code) (string, string) {
			if c != UnknownKey {
				return "", ""
			}
			return "What it {means}.", "What it **{means}**."
		},
		Path: withoutHome,
	})
	const golden = "testdata/every-part.sarif"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := validate(t, got); err != nil {
		t.Errorf("not SARIF 2.1.0: %v", err)
	}
}

func TestSARIFOfNothing(t *testing.T) {
	if err := validate(t, sarif(t, nil, SARIF{})); err != nil {
		t.Errorf("not SARIF 2.1.0: %v", err)
	}
}

// The schema refuses what it should, so that the tests above mean something.
func TestSARIFSchemaRefuses(t *testing.T) {
	valid := sarif(t, everyPart(), SARIF{Path: withoutHome})
	for _, tt := range []struct{ name, old, new string }{
		{"column zero", `"startColumn": 7`, `"startColumn": 0`},
		{"an unknown property", `"startColumn": 7`, `"column": 7`},
		{"another column kind", "unicodeCodePoints", "bytes"},
		{"another level", `"level": "error"`, `"level": "fatal"`},
		{"no message", `"message": {`, `"text": {`},
		{"another version", `"version": "2.1.0"`, `"version": "2.2"`},
		{"no URI", `"uri": "rooms"`, `"uri": 1`},
	} {
		broken := strings.Replace(valid, tt.old, tt.new, 1)
		if broken == valid {
			t.Errorf("%s: nothing to break", tt.name)
		} else if validate(t, broken) == nil {
			t.Errorf("%s is accepted", tt.name)
		}
	}
}
