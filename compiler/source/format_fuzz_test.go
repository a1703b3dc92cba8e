package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzFormat formats whatever is TOML of the language: the values stay the same,
// every comment is still there, and formatting once more changes nothing.
func FuzzFormat(f *testing.F) {
	for _, pattern := range []string{"testdata/format/*.txtar", "../../rooms/*/passport.toml", "../../rooms/system.toml"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatalf("%d seeds of %s, error %v", len(names), pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			if strings.HasSuffix(name, ".txtar") {
				text = txtar.Parse(text).Files[0].Data
			}
			f.Add(string(text))
			f.Add(strings.ReplaceAll(string(text), "\n", "\r\n"))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		before, _ := Parse("f.toml", []byte(text))
		if before == nil {
			return
		}
		got, err := Format(before)
		if err != nil && len(text) > maxFile/4 { // with blanks added, it may be too large
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		after, faults := Parse("f.toml", got)
		if after == nil {
			t.Fatal(render(t, faults))
		}
		if !before.Root.Equal(after.Root) {
			t.Errorf("other values:\n%s", got)
		}
		if diff := cmp.Diff(scanComments(text), scanComments(string(got))); diff != "" {
			t.Errorf("other comments (-before +after)\n%s", diff)
		}
		again, err := Format(after)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(got), string(again)); diff != "" {
			t.Errorf("not the same once more (-once +twice)\n%s", diff)
		}
		if strings.Contains(string(got), "\r") {
			t.Errorf("a carriage return is left in %q", got)
		}
	})
}

// scanComments finds the comments of a TOML file without any of the code above: it
// knows strings and nothing else.
func scanComments(text string) (all []string) {
	for text != "" {
		quote := ""
		for _, q := range []string{`"""`, "'''", `"`, "'"} {
			if quote == "" && strings.HasPrefix(text, q) {
				quote = q
			}
		}
		switch {
		case text[0] == '#':
			comment, rest, _ := strings.Cut(text, "\n")
			all, text = append(all, strings.TrimRight(comment, " \t\r")), rest
		case quote == "":
			text = text[1:]
		default:
			text = skipString(text[len(quote):], quote)
		}
	}
	return all
}

func skipString(text, quote string) string {
	for !strings.HasPrefix(text, quote) {
		if text[0] == '\\' && quote[0] == '"' {
			text = text[1:]
		}
		text = text[1:]
	}
	text = text[len(quote):]
	for range 2 { // a long one can end in quotes of its own
		if len(quote) == 3 && strings.HasPrefix(text, quote[:1]) {
			text = text[1:]
		}
	}
	return text
}
