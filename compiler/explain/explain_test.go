package explain

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/diag"
)

func TestCode(t *testing.T) {
	got, err := OfCode(diag.NameTaken)
	if err != nil {
		t.Fatal(err)
	}
	want := &Code{
		Code: diag.NameTaken,
		Prose: []string{
			"Two passports give the same room.name.",
			"Sockets, waiting rooms, images and the log refer to rooms by name. Since a room has the name of its directory, one of the two has the wrong name for its own directory as well, which P0401 says.",
		},
		Command: "passportc check",
		With:    []string{"P0401"},
		Fails:   []Part{{"rooms/work/passport.toml", "[room]\nname = \"web\"\n"}},
		Passes:  []Part{{"rooms/work/passport.toml", "[room]\nname = \"work\"\n"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := OfCode(999); err == nil || err.Error() != "there is no code P0999" {
		t.Errorf("got error %v", err)
	}
}

func TestRenderings(t *testing.T) {
	e, err := OfCode(diag.NoRooms)
	if err != nil {
		t.Fatal(err)
	}
	text := `P0107: a rooms directory holds nothing

The directory has neither a system.toml nor a directory of a room in it. Most
likely it is not the one that was meant.

Checking nothing would find nothing, and "no faults" would be read as an
approval. Name the directory that holds system.toml, or that of one room.

This fails, to 'passportc check empty':

    mkdir empty

This passes:

    cp -r rooms/. empty
`
	if diff := cmp.Diff(text, e.Text()); diff != "" {
		t.Errorf("text (-want +got)\n%s", diff)
	}
	markdown := `The directory has neither a system.toml nor a directory of a room in it. Most
likely it is not the one that was meant.

Checking nothing would find nothing, and "no faults" would be read as an
approval. Name the directory that holds system.toml, or that of one room.

This fails, to 'passportc check empty':

` + "```sh\nmkdir empty\n```" + `

This passes:

` + "```sh\ncp -r rooms/. empty\n```\n"
	if diff := cmp.Diff(markdown, e.Markdown()); diff != "" {
		t.Errorf("Markdown (-want +got)\n%s", diff)
	}
}

func TestKey(t *testing.T) {
	d := &check.Documentation{
		Path: []string{"a", "b"}, System: true, Text: strings.Repeat("What it means. ", 8), Type: "a table", Default: `"x"`,
		Allowed: strings.Repeat("How it is written. ", 6),
		Members: []check.Member{
			{Name: "short", Text: "Its meaning.", Type: "a string", Bounds: "From 1 to 2.", Required: true},
			{Name: "word", Text: "Its meaning.", Type: "a string", Default: `"x"`},
			{Name: "list", Text: "Its meaning.", Type: "a list of strings"},
			{Name: strings.Repeat("long", 8), Text: "Another."},
		},
		Contents: []string{"one", "two"},
	}
	want := `a.b, in rooms/system.toml

What it means. What it means. What it means. What it means. What it means. What
it means. What it means. What it means.

Type:     a table
Default:  "x"
Allowed:  How it is written. How it is written. How it is written. How it is
          written. How it is written. How it is written.

  short                     Required, a string. Its meaning. From 1 to 2.
  word                      A string, "x" by default. Its meaning.
  list                      A list of strings. Its meaning.
  longlonglonglonglonglonglonglong
                            Another.

  one, two

Example:

  [a]
  b = 1
`
	if diff := cmp.Diff(want, Key(d, "[a]\nb = 1\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Prose goes to terminals and browsers, so it is plain text within the width.
func TestProseIsPlain(t *testing.T) {
	for _, c := range diag.Codes() {
		e, err := OfCode(c)
		if err != nil {
			t.Error(err)
			continue
		}
		for line := range strings.Lines(e.Text()) {
			if len([]rune(line)) > 100 || strings.ContainsAny(line, "\t\r<>") && !strings.HasPrefix(line, "    ") {
				t.Errorf("%v has the line %q", c, line)
			}
		}
	}
}
