package explain

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the generated parts of docs/PASSPORT.md")

const manual = "../../docs/PASSPORT.md"

// TestManual makes the generated parts of the manual again: from the schema, and from
// the passport that its tour shows.
func TestManual(t *testing.T) {
	parts := Manual()
	toured, err := os.ReadFile("../../rooms/web/passport.toml")
	if err != nil {
		t.Fatal(err)
	}
	parts["tour"] = "```toml\n" + string(toured) + "```\n"
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for name, part := range parts {
		begin, end := "<!-- generated: "+name+" -->\n", "<!-- end of "+name+" -->\n"
		before, rest, ok := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed || !strings.Contains(part, "`") {
			t.Fatalf("no part %s", name)
		}
		want = before + begin + "\n" + part + "\n" + end + after
	}
	if *update {
		if err := os.WriteFile(manual, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		text = []byte(want)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("docs/PASSPORT.md is not made of the schema; run this test with -update (-made +document)\n%s", diff)
	}
}
