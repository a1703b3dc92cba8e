package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// at marks in text the first occurrence of what, in a source named f.toml.
func at(text, what string) Range {
	i := strings.Index(text, what)
	s := NewSource("f.toml", []byte(text))
	return s.Range(i, i+len(what))
}

func TestText(t *testing.T) {
	room := "passport = 1\n\n[room]\nnmae = \"web\"\nuser = 10001\n"
	inRoom := at(room, "nmae")
	inRoom.Source.Section = func(int) string { return "[room]" }
	long := "a = \"" + strings.Repeat("x", 200) + "\" # " + strings.Repeat("y", 200)
	block := "a = 1\nb = [\n  1,\n  2,\n]\nc = 2\n"

	inBlock := at(block, "1,")

	tests := []struct {
		name string
		give Diagnostic
		want string
	}{
		{
			name: "every part",
			give: Diagnostic{
				Severity: Error, Code: 301, Subject: inRoom,
				Summary: `unknown key "nmae"`,
				Detail:  `A room has no key "nmae".`,
				Hint:    `did you mean "name"?`,
				Related: []Related{{Message: "said here", Range: at(room, "10001")}},
			},
			want: `Error: unknown key "nmae" [P0301]

  on f.toml:4:1, in [room]:
   4: nmae = "web"
      ^^^^

  and said here on f.toml:5:8:
   5: user = 10001
             ^^^^^

A room has no key "nmae".

hint: did you mean "name"?

`,
		},
		{
			name: "a warning about a whole file",
			give: Diagnostic{Severity: Warning, Code: 101, Subject: NewSource("rooms", nil).Whole(), Summary: "empty"},
			want: "Warning: empty [P0101]\n\n  on rooms\n\n",
		},
		{
			name: "nowhere",
			give: Diagnostic{Severity: Error, Code: 101, Summary: "lost"},
			want: "Error: lost [P0101]\n\n",
		},
		{
			name: "tab and wide characters before the subject",
			give: Diagnostic{Severity: Error, Code: 1, Summary: "s", Subject: at("\t漢字é = 1", "1")},
			want: "Error: s [P0001]\n\n  on f.toml:1:8:\n   1:  漢字é = 1\n               ^\n\n",
		},
		{
			name: "control bytes and text direction in source, name and message",
			give: Diagnostic{
				Severity: Error, Code: 1, Summary: "bad \x1b[31m and \u202e",
				Subject: NewSource("a\nb", []byte("x\x1b[2J\u202e\xff\x7f = 1")).Range(0, 1),
			},
			want: "Error: bad \\x1b[31m and \\u202e [P0001]\n\n  on a\\nb:1:1:\n   1: x\uFFFD[2J\uFFFD\uFFFD\uFFFD = 1\n      ^\n\n",
		},
		{
			name: "a long value",
			give: Diagnostic{Severity: Error, Code: 1, Summary: "s", Subject: at(long, "\""+strings.Repeat("x", 200)+"\"")},
			want: "Error: s [P0001]\n\n  on f.toml:1:5:\n   1: a = \"" + strings.Repeat("x", 115) + "…\n          " + strings.Repeat("^", 117) + "\n\n",
		},
		{
			name: "a subject far to the right",
			give: Diagnostic{Severity: Error, Code: 1, Summary: "s", Subject: at(long, "#")},
			want: "Error: s [P0001]\n\n  on f.toml:1:208:\n   1: …" + strings.Repeat("x", 38) + "\" # " + strings.Repeat("y", 78) + "…\n" + strings.Repeat(" ", 6+41) + "^\n\n",
		},
		{
			name: "a subject of several lines is marked on its first",
			give: Diagnostic{Severity: Error, Code: 1, Summary: "s", Subject: at(block, "[\n  1,\n  2,\n]")},
			want: "Error: s [P0001]\n\n  on f.toml:2:5:\n   2: b = [\n          ^\n\n",
		},
		{
			name: "context",
			give: Diagnostic{Severity: Error, Code: 1, Summary: "s", Subject: inBlock, Context: inBlock.Source.Range(6, 22)},
			want: "Error: s [P0001]\n\n  on f.toml:3:3:\n   2: b = [\n   3:   1,\n        ^^\n   4:   2,\n   5: ]\n\n",
		},
		{
			name: "the end of a file",
			give: Diagnostic{Severity: Error, Code: 1, Summary: "s", Subject: NewSource("f.toml", []byte("a =\r\n")).Range(3, 3)},
			want: "Error: s [P0001]\n\n  on f.toml:1:4:\n   1: a =\n         ^\n\n",
		},
		{
			name: "an empty file",
			give: Diagnostic{Severity: Error, Code: 1, Summary: "s", Subject: NewSource("f.toml", []byte{}).Range(0, 0)},
			want: "Error: s [P0001]\n\n  on f.toml:1:1:\n   1:\n      ^\n\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if err := (List{tt.give}).WriteText(&b, false); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestTextInColor(t *testing.T) {
	d := Diagnostic{Severity: Error, Code: 1, Summary: "s", Hint: "h", Subject: at("key = 1", "key")}
	want := "\x1b[31mError\x1b[0m: s [P0001]\n\n  on f.toml:1:1:\n   1: \x1b[1;4mkey\x1b[0m = 1\n      \x1b[31m^^^\x1b[0m\n\n\x1b[1mhint:\x1b[0m h\n\n"
	var b strings.Builder
	if err := (List{d}).WriteText(&b, true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
