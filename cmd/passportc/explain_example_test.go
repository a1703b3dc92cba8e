package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/explain"
)

// TestExamplesOfCodes holds each explanation to its word: the call that it names
// finds exactly its code in the failing example, and nothing in the mended one.
func TestExamplesOfCodes(t *testing.T) {
	for _, c := range diag.Codes() {
		t.Run(c.String(), func(t *testing.T) {
			e, err := explain.OfCode(c)
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Prose) < 2 {
				t.Fatalf("only %d paragraphs", len(e.Prose))
			}
			if c == diag.ReadersDisagree { // no file is known on which they do
				return
			}
			t.Chdir(t.TempDir())
			t.Setenv("GOWORK", "off") // an example may be a module
			base := writeBase(t)
			for _, p := range e.Fails {
				apply(t, base, p)
			}
			want := slices.Sorted(slices.Values(append(e.With, c.String())))
			if found, out := findingsOf(e.Command); !slices.Equal(found, want) {
				t.Errorf("the failing example has %q:\n%s", found, out)
			}
			for _, p := range e.Passes {
				apply(t, base, p)
			}
			if found, out := findingsOf(e.Command); len(found) > 0 {
				t.Errorf("the mended example has %q:\n%s", found, out)
			}
		})
	}
}

// TestExplanationsHaveCodes finds explanations of codes that are none.
func TestExplanationsHaveCodes(t *testing.T) {
	files, err := filepath.Glob("../../compiler/explain/codes/*")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, f := range files {
		got = append(got, filepath.Base(f))
	}
	for _, c := range diag.Codes() {
		want = append(want, c.String()+".txt")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// findingsOf gives the codes that a call finds, and an exit code that is not theirs.
func findingsOf(command string) (codes []string, output string) {
	var out bytes.Buffer
	code := run(strings.Fields(command)[1:], &out, &out)
	for _, m := range regexp.MustCompile(`(?m)^(?:Error|Warning): .* \[(P\d{4})\]$`).FindAllStringSubmatch(out.String(), -1) {
		codes = append(codes, m[1])
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if code == exitUsage || code == exitFindings && len(codes) == 0 {
		codes = append(codes, fmt.Sprintf("exit code %d", code))
	}
	return codes, out.String()
}

// writeBase writes what goes without saying, and gives it by file.
func writeBase(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, f := range txtar.Parse(baseOfExamples).Files {
		files[f.Name] = string(f.Data)
		if !strings.Contains(f.Name, "ROOM") {
			write(t, f.Name, string(f.Data))
		}
	}
	return files
}

//go:embed testdata/explain/rooms.txtar
var baseOfExamples []byte

// apply carries out a part of an example: its commands, or its lines in their file.
func apply(t *testing.T, base map[string]string, p explain.Part) {
	t.Helper()
	if p.File == "" {
		if out, err := exec.Command("sh", "-euc", p.Text).CombinedOutput(); err != nil {
			t.Fatalf("%v in\n%s\n%s", err, p.Text, out)
		}
		return
	}
	text, known := base[p.File]
	if room := filepath.Base(filepath.Dir(p.File)); !known && filepath.Base(p.File) == "passport.toml" {
		user := 11000 + len(base)
		text = strings.NewReplacer("ROOM", room, "USER", fmt.Sprint(user)).Replace(base["rooms/ROOM/passport.toml"])
		base[p.File] = text
	}
	switch {
	case filepath.Ext(p.File) == ".toml":
		write(t, p.File, withLines(text, p.Text))
	case p.File == "config":
		write(t, p.File, merge(strings.SplitAfter(text, "\n"), strings.SplitAfter(p.Text, "\n")))
	default:
		write(t, p.File, p.Text)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// table is a part of a TOML file: its header, "" for what is before the first, and
// the lines below it.
type table struct {
	header string
	lines  []string
}

var (
	headerLine = regexp.MustCompile(`^(#? ?)(\[\[?[a-z.-]+\]\]?)`)
	keyLine    = regexp.MustCompile(`^(?:# )?(CONFIG_[A-Z0-9_]+|[A-Za-z-]+ *=)`)
)

func tables(text string) []table {
	all := []table{{}}
	for line := range strings.Lines(text) {
		if m := headerLine.FindStringSubmatch(line); m != nil && m[1] == "" {
			all = append(all, table{header: m[2]})
		}
		last := &all[len(all)-1]
		last.lines = append(last.lines, line)
	}
	return all
}

// withLines puts lines into a TOML file as a reader would: under the header that
// they stand below, in the place of what the file says there of the same keys; lists
// of tables in the place of those that are there. "# key = …" takes a key away,
// "# [table]" a table.
func withLines(text, lines string) string {
	given, gone := tables(lines), map[string]bool{}
	for line := range strings.Lines(lines) {
		if m := headerLine.FindStringSubmatch(line); m != nil && (m[1] != "" || strings.HasPrefix(m[2], "[[")) {
			gone[m[2]] = true
		}
	}
	var out strings.Builder
	for _, old := range tables(text) {
		if gone[old.header] {
			continue
		}
		i := slices.IndexFunc(given, func(g table) bool { return g.header == old.header })
		if i < 0 {
			out.WriteString(strings.Join(old.lines, ""))
			continue
		}
		out.WriteString(merge(old.lines, given[i].lines))
		given = slices.Delete(given, i, i+1)
	}
	for _, g := range given {
		out.WriteString(strings.Join(g.lines, ""))
	}
	return out.String()
}

// merge puts lines behind those of a table that give no key of theirs.
func merge(old, lines []string) string {
	given := map[string]bool{}
	for _, line := range lines {
		if m := keyLine.FindStringSubmatch(line); m != nil {
			given[strings.TrimRight(m[1], " =")] = true
		}
	}
	kept := slices.DeleteFunc(slices.Clone(old), func(line string) bool {
		m := keyLine.FindStringSubmatch(line)
		return m != nil && given[strings.TrimRight(m[1], " =")]
	})
	if len(lines) > 0 && headerLine.MatchString(lines[0]) {
		lines = lines[1:]
	}
	return strings.Join(append(kept, lines...), "")
}
