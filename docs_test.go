package anchor

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/gate/bay0"
)

// docs/DEPENDENCIES.md names what go.mod requires directly, no more and no less.
func TestDependenciesAreNamed(t *testing.T) {
	var named []string
	for _, m := range bay0.ReadModules(bay0.ModulesFile, readFile(t, bay0.ModulesFile)) {
		named = append(named, m.Path)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Indirect .Main)}}{{.Path}}{{end}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	required := strings.Fields(string(out))
	slices.Sort(named)
	slices.Sort(required)
	if diff := cmp.Diff(required, named); diff != "" {
		t.Errorf("docs/DEPENDENCIES.md is not go.mod (-go.mod +document):\n%s", diff)
	}
}

// The commands of the documents work as they stand there, in a checkout in which
// `make uki` was run; make's own targets exist.
func TestDocumentCommands(t *testing.T) {
	dir := buildCheckout(t, "documents", "022")
	block := regexp.MustCompile("(?s)```sh\n(.*?)```")
	for document, atLeast := range map[string]int{"README.md": 7, "docs/KERNEL.md": 4, "docs/PASSPORT.md": 12} {
		ran := 0
		for _, m := range block.FindAllStringSubmatch(string(readFile(t, document)), -1) {
			for line := range strings.Lines(m[1]) {
				if rest, ok := strings.CutPrefix(line, "make "); ok { // dry: this test is part of `make test`
					line = "make -n " + rest
				}
				run(t, dir, nil, "sh", "-euc", line)
				ran++
			}
		}
		if ran < atLeast {
			t.Errorf("only %d commands found in %s", ran, document)
		}
	}
}

// The fault that the README shows is the one that check finds today.
func TestReadmeShowsARealFault(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "rooms"), os.DirFS("rooms")); err != nil {
		t.Fatal(err)
	}
	passport := filepath.Join(dir, "rooms/web/passport.toml")
	text := strings.Replace(string(readFile(t, passport)), `profile = "service"`, `profile = "servise"`, 1)
	if err := os.WriteFile(passport, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, ".", nil, "go", "build", "-o", filepath.Join(dir, "passportc"), "./cmd/passportc")
	check := exec.Command("./passportc", "check")
	check.Dir = dir
	found, _ := check.Output() // it exits with 1
	_, rest, _ := strings.Cut(string(readFile(t, "README.md")), "```\nError: ")
	shown, _, ok := strings.Cut(rest, "```")
	line := regexp.MustCompile(`toml:\d+:|(?m)^ +\d+: `)
	want := line.ReplaceAllString(strings.TrimSpace("Error: "+shown), "")
	if got := line.ReplaceAllString(string(found), ""); !ok || !strings.Contains(got, want) {
		t.Errorf("README shows\n%s\n\ncheck finds\n%s", want, got)
	}
}

// Every link of a document leads to a file.
func TestDocumentLinks(t *testing.T) {
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#:\s]+\.[a-z]+)\)`)
	for _, document := range append(documents, "README.md") {
		for _, m := range link.FindAllStringSubmatch(string(readFile(t, document)), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), m[1])); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
}
