package source

import (
	"flag"
	"os"
	"path/filepath"
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

// TestDefects reads archives of two files: f.toml, which has the defect that the
// archive is named after, and want, all that is said about it.
func TestDefects(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("%d archives, error %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f, faults := Parse("f.toml", a.Files[0].Data)
			if f != nil || !faults.HasErrors() {
				t.Fatal("the file was accepted")
			}
			got := render(t, faults)
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

func TestLimits(t *testing.T) {
	tests := []struct{ name, give, want string }{
		{
			"a byte too many", "# " + strings.Repeat("x", maxFile-1),
			"Error: the file has 65537 bytes [P0103]\n\n  on f.toml\n\nA file has at most 65536 bytes.\n\n",
		},
		{
			"no UTF-8", "a = \"\xff\"\n",
			"Error: byte 0xff is not UTF-8 [P0104]\n\n  on f.toml:1:6:\n   1: a = \"\uFFFD\"\n           ^\n\nA TOML file is UTF-8 text.\n\n",
		},
		{
			"a surrogate in UTF-8", "a = '\xed\xa0\x80'\n",
			"Error: byte 0xed is not UTF-8 [P0104]\n\n  on f.toml:1:6:\n   1: a = '\uFFFD\uFFFD\uFFFD'\n           ^\n\nA TOML file is UTF-8 text.\n\n",
		},
		{
			"one value too many", strings.Repeat("[[a]]\n", 2000) + "b = 1\n",
			"Error: too many keys and values [P0205]\n\n  on f.toml:2001:1, in [[a]]:\n2001: b = 1\n      ^\n\nA file has at most 2000 keys and values.\n\n",
		},
		{
			"one item too many", "a = [" + strings.Repeat("1,", 1999) + "]\n",
			"Error: too many keys and values [P0205]\n\n  on f.toml:1:4002:\n   1: …" + strings.Repeat("1,", 19) + "1,1,]\n" + strings.Repeat(" ", 47) + "^\n\nA file has at most 2000 keys and values.\n\n",
		},
		{
			"brackets that fill the file", "a = " + strings.Repeat("[", maxFile-4),
			"Error: values are nested too deeply [P0203]\n\n  on f.toml:1:21:\n   1: a = " + strings.Repeat("[", 116) + "…\n" + strings.Repeat(" ", 26) + "^\n\nTables and lists are at most 16 deep.\n\n",
		},
		{
			"brackets that fill the file behind strings and comments",
			"[t] # [[[[[[[[[[[[[[[[\na = \"\"\"[[[[[[[[[[[[[[[[[\n\"\"\" # [[[\nb = [\"\\\"[[[\", '[[[', [], " + strings.Repeat("[", maxFile-100),
			"Error: values are nested too deeply [P0203]\n\n  on f.toml:4:40, in [t]:\n   4: b = [\"\\\"[[[\", '[[[', [], " + strings.Repeat("[", 95) + "…\n" + strings.Repeat(" ", 45) + "^\n\nTables and lists are at most 16 deep.\n\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, faults := Parse("f.toml", []byte(tt.give))
			if f != nil {
				t.Fatal("the file was accepted")
			}
			if diff := cmp.Diff(tt.want, render(t, faults)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWithinLimits(t *testing.T) {
	tests := []struct{ name, give string }{
		{"an empty file", ""},
		{"lines that end in carriage returns too", "a = 1\r\n[b]\r\nc = \"\"\"\r\nd\"\"\"\r\n"},
		{"letters of any script", "\"größer\" = '漢字 🚪'\n"},
		{"an escape for what does not show", "a = \"\\u200d\"\n"},
		{"a full file", "# " + strings.Repeat("x", maxFile-2)},
		{"as many values as there may be", "a = [" + strings.Repeat("1,", 1998) + "]\n"},
		{"as many headers as there may be", strings.Repeat("[[a]]\n", 2000)},
		{"fourteen lists in two tables", "[a.b]\nc = " + strings.Repeat("[", 14) + strings.Repeat("]", 14)},
		{"sixteen lists", "a = " + strings.Repeat("[", 16) + strings.Repeat("]", 16)},
		{"eight parts", "a.b.c.d.e.f.g.h = 1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if f, faults := Parse("f.toml", []byte(tt.give)); f == nil {
				t.Errorf("refused:\n%s", render(t, faults))
			}
		})
	}
}
