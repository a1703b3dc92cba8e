package check

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// FuzzCheck gives Check any text in the place of a passport or of system.toml. The
// seeds are all the files of testdata.
func FuzzCheck(f *testing.F) {
	valid := parse(f, "testdata/valid/rooms.txtar")
	for _, pattern := range []string{"testdata/valid/*.txtar", "testdata/*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatalf("%d archives, error %v", len(names), err)
		}
		for _, name := range names {
			for _, file := range parse(f, name).Files {
				if file.Name != "want" {
					f.Add(file.Data, file.Name != "system.toml")
				}
			}
		}
	}
	f.Add([]byte("passport = 2\nroom = []\nresources = { memory = { max = '1EiB' } }"), true)
	f.Add([]byte("[kernel]\ncommand-line = ['--', 'bay0.', '=']\n[budget]\npids = -1"), false)
	f.Fuzz(func(t *testing.T, text []byte, room bool) {
		files := load(valid)
		name := "system.toml"
		if room {
			name = "web/passport.toml"
		}
		files[name].Data = text
		checked, faults := judge(files)
		if (checked == nil) != faults.HasErrors() {
			t.Fatalf("got %v and\n%s", checked, render(t, faults))
		}
		render(t, faults)
		var b strings.Builder
		if err := faults.WriteJSON(&b); err != nil || !json.Valid([]byte(b.String())) {
			t.Fatalf("error %v in %s", err, b.String())
		}
		for _, d := range faults {
			inFile(t, d, d.Subject)
			for _, r := range d.Related {
				inFile(t, d, r.Range)
			}
		}
		sameVerdict(t, text, room)
	})
}

// inFile holds every place that a message points at to the file.
func inFile(t *testing.T, d diag.Diagnostic, at diag.Range) {
	if d.Code.Title() == "" || !at.Valid() || at.Start < 0 || at.End < at.Start || at.End > len(at.Source.Text) {
		t.Fatalf("a fault without code or place: %+v", d)
	}
}

// sameVerdict compares what CUE says of a file's values, and of what the rules look
// at in it, with what it says of the whole file.
func sameVerdict(t *testing.T, text []byte, room bool) {
	file, _ := source.Parse("f.toml", text)
	if file == nil {
		return
	}
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	doc := &l.system
	if room {
		doc = &l.room
	}
	findings := l.ask(doc.shape, file.Root, doc.root, nil)
	if got := l.hasShape(doc, file.Root); got != (len(findings) == 0) {
		t.Fatalf("of the values CUE says %t, of the whole %v", got, findings)
	}
	if len(findings) > 0 || len(overlooked(nil, file.Root, doc.root)) > 0 {
		return
	}
	all, err := readField(doc.shape)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range doc.rules {
		all.markAll(r, looked) // the rules are given every value
		if err := l.refusal(r.value, newData(r).expr(file.Root, all)); l.keeps(r, doc, file.Root) != (err == nil) {
			t.Fatalf("of all values the rules of %s say %v, of those that they mention another thing", r.name, err)
		}
	}
}
