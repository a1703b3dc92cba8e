package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// formatted formats a text twice: the second time must change nothing.
func formatted(t testing.TB, text string) string {
	t.Helper()
	f, faults := Parse("f.toml", []byte(text))
	if f == nil {
		t.Fatalf("%q is refused:\n%s", text, render(t, faults))
	}
	got, err := Format(f)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	f, _ = Parse("f.toml", got)
	again, err := Format(f)
	if err != nil {
		t.Fatalf("%q: %v", got, err)
	}
	if diff := cmp.Diff(string(got), string(again)); diff != "" {
		t.Errorf("formatting once more changes it (-once +twice)\n%s", diff)
	}
	return string(got)
}

// TestFormat reads archives of two files, named after what they show: f.toml and want.
func TestFormat(t *testing.T) {
	archives, err := filepath.Glob("testdata/format/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("%d archives, error %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := formatted(t, string(a.Files[0].Data))
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFormatCarriageReturns(t *testing.T) {
	tests := []struct{ name, give, want string }{
		{"at the ends of lines", "a = 1 # one\r\n\r\n# two\r\n[b]\r\nc = [\r\n1,\r\n]\r\n", "a = 1 # one\n\n# two\n[b]\nc = [\n  1,\n]\n"},
		{"in a string, not part of its value", "a = \"\"\"\r\nb\\\r\n  c\"\"\"\r\n", "a = \"\"\"\nb\\\n  c\"\"\"\n"},
		{"in a string, part of its value", "a = \"\"\"b\r\nc\"\"\"\n", "a = \"b\\r\\nc\"\n"},
		{"as an escape", "a = \"\"\"b\\r\nc\"\"\"\n", "a = \"\"\"b\\r\nc\"\"\"\n"},
		{"no line end at the end", "a = 1", "a = 1\n"},
		{"nothing", "", ""},
		{"nothing but blank lines", "\n\r\n \t\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, formatted(t, tt.give)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestFormatCorpus formats every file of toml-test that is in the language.
func TestFormatCorpus(t *testing.T) {
	count := 0
	for _, name := range corpus(t, "1.0.0") {
		f, _ := parseCorpus(t, name)
		if f == nil {
			continue
		}
		count++
		text := string(f.Source.Text)
		if diff := cmp.Diff(scanComments(text), scanComments(formatted(t, text))); diff != "" {
			t.Errorf("%s: other comments (-before +after)\n%s", name, diff)
		}
	}
	if t.Logf("%d files formatted", count); count < 150 {
		t.Errorf("only %d files were formatted", count)
	}
}

// A file that would grow beyond what a file may have is not formatted.
func TestFormatRefusesToGrowTooFar(t *testing.T) {
	text := "a=[" + strings.Repeat("1,", 1000) + "1]\n"
	text += "#" + strings.Repeat("x", maxFile-len(text)-2) + "\n"
	f, faults := Parse("f.toml", []byte(text))
	if f == nil {
		t.Fatal(render(t, faults))
	}
	got, err := Format(f)
	if want := "it would not be read any more: the file has 68543 bytes"; got != nil || err == nil || err.Error() != want {
		t.Errorf("got %d bytes and error %v, want %s", len(got), err, want)
	}
}
