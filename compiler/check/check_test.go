package check

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
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

func parse(t testing.TB, name string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// load puts archives over one another into a directory of rooms.
func load(archives ...*txtar.Archive) fstest.MapFS {
	files := fstest.MapFS{}
	for _, a := range archives {
		for _, f := range a.Files {
			if f.Name != "want" {
				files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o444}
			}
		}
	}
	return files
}

// judge does what the compiler does with a directory of rooms.
func judge(fsys fstest.MapFS) (*Checked, diag.List) {
	tree, faults := source.ReadTree(fsys, "rooms")
	checked, more := Check(tree)
	return checked, append(faults, more...)
}

// TestDefects reads archives that are named after their defect: the files that
// have it, which are put over those of testdata/valid, and want, all that is said
// about it.
func TestDefects(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("%d archives, error %v", len(archives), err)
	}
	valid := parse(t, "testdata/valid/rooms.txtar")
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a := parse(t, name)
			checked, faults := judge(load(valid, a))
			if checked != nil || !faults.HasErrors() {
				t.Fatal("the directory was accepted")
			}
			got := render(t, faults)
			last := len(a.Files) - 1
			if *update {
				if a.Files[last].Name != "want" {
					a.Files, last = append(a.Files, txtar.File{Name: "want"}), last+1
				}
				a.Files[last].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[last].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
