package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGitHub(t *testing.T) {
	var b strings.Builder
	if err := everyPart().WriteGitHub(&b, withoutHome); err != nil {
		t.Fatal(err)
	}
	want := `::error title=P0101 a file or directory cannot be read::nowhere
::error file=rooms,title=P0107 a rooms directory holds nothing::a directory
::error file=rooms/a b%3Ac/pass%25port.toml,line=1,endLine=1,col=7,endColumn=7,title=P0301 a key is not part of the language::unknown key {0}%0A%0ASee [here](1).%0AA second line: 100%25.%0A%0Ahint: mend\x1b it%0A%0Aand first, here on rooms/a b:c/pass%25port.toml:2:5%0A%0Aand nowhere
::warning file=rooms/a b%3Ac/pass%25port.toml,line=2,endLine=2,col=1,endColumn=1,title=P0513 no room uses a partition::a warning
::error file=rooms/a b%3Ac/pass%25port.toml,line=3,endLine=3,col=3,endColumn=3,title=P0301 a key is not part of the language::again
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestGitHubGivesNoColumnsOfSeveralLines(t *testing.T) {
	var b strings.Builder
	d := Diagnostic{Severity: Error, Code: Syntax, Summary: "s", Subject: at("a = [\n1]\n", "[\n1]")}
	if err := (List{d}).WriteGitHub(&b, nil); err != nil {
		t.Fatal(err)
	}
	if want := "::error file=f.toml,line=1,endLine=2,title=P0201 a file is not TOML::s\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
