package diag

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// input is what a diagnostic is made of that comes from a file or its name.
type input struct {
	name, text            string
	start, end            int
	summary, detail, hint string
}

var hostile = []input{
	{"rooms/web/passport.toml", "passport = 1\nnmae = \"é\"\n", 13, 17, "unknown key \"nmae\"", "The keys are:\nname", "did you mean \"name\"?"},
	{"a\x1b]0;x\a/\u202e\n::error::x", "\x1b[2J\r\n\x00\xff\u0085\u2028", 1, 7, "\x9b31m\r\n::warning::", "{0}[x](http://y)\v", "\x7f%0A"},
	{"//host/../%", "", 0, 0, "", "", ""},
	{"https://host/x", "漢😀\n\n", 3, 8, "漢😀", "e\u0301", "\u200f"},
}

func (in input) list() List {
	source := NewSource(in.name, []byte(in.text))
	start := min(max(in.start, 0), len(in.text))
	at := source.Range(start, min(max(in.end, start), len(in.text)))
	return List{{
		Severity: Error, Code: WrongForm, Summary: in.summary, Detail: in.detail, Hint: in.hint, Subject: at,
		Related: []Related{{in.summary, at}, {in.hint, source.Whole()}},
	}}
}

func TestSARIFOfHostileInput(t *testing.T) {
	for _, in := range hostile {
		if log := sarif(t, in.list(), SARIF{}); validate(t, log) != nil {
			t.Errorf("not SARIF 2.1.0: %v\n%s", validate(t, log), log)
		}
	}
}

// FuzzRenderers gives every renderer what a hostile file could make a diagnostic
// hold: whatever that is, nothing that a terminal or a runner takes for a command
// comes out, and what should be JSON, SARIF or one line is.
func FuzzRenderers(f *testing.F) {
	for _, h := range hostile {
		f.Add(h.name, h.text, h.start, h.end, h.summary, h.detail, h.hint)
	}
	f.Fuzz(func(t *testing.T, name, text string, start, end int, summary, detail, hint string) {
		l := input{name, text, start, end, summary, detail, hint}.list()
		for _, format := range []struct {
			name  string
			write func(io.Writer) error
			check func(t *testing.T, out string)
		}{
			{"text", func(w io.Writer) error { return l.WriteText(w, false) }, nil},
			{"json", l.WriteJSON, isJSON},
			{"sarif", func(w io.Writer) error { return l.WriteSARIF(w, SARIF{}) }, isSARIF},
			{"github", func(w io.Writer) error { return l.WriteGitHub(w, nil) }, isOneCommand},
		} {
			var b strings.Builder
			if err := format.write(&b); err != nil {
				t.Fatalf("%s: %v", format.name, err)
			}
			for _, r := range b.String() {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Fatalf("%s holds %q:\n%q", format.name, r, b.String())
				}
			}
			if format.check != nil {
				format.check(t, b.String())
			}
		}
	})
}

func isJSON(t *testing.T, out string) {
	if !json.Valid([]byte(out)) {
		t.Fatalf("no JSON:\n%q", out)
	}
}

// isSARIF leaves the schema to TestSARIFOfHostileInput, since CUE takes its time.
func isSARIF(t *testing.T, out string) {
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	var log sarifLog
	if err := d.Decode(&log); err != nil {
		t.Fatalf("no log: %v\n%q", err, out)
	}
	for _, at := range append(log.Runs[0].Results[0].Locations, log.Runs[0].Results[0].Related...) {
		uri, err := url.Parse(at.Physical.Artifact.URI)
		if err != nil || uri.Scheme != "" || uri.Host != "" {
			t.Fatalf("no relative URI: %q", at.Physical.Artifact.URI)
		}
		if r := at.Physical.Region; r != nil && (r.StartLine < 1 || r.StartColumn < 1 || r.EndLine < r.StartLine || r.EndColumn < 1) {
			t.Fatalf("no region: %+v", *r)
		}
	}
}

func isOneCommand(t *testing.T, out string) {
	if !strings.HasPrefix(out, "::error ") || strings.Count(out, "\n") != 1 || !strings.HasSuffix(out, "\n") {
		t.Fatalf("not one command on one line:\n%q", out)
	}
}
