package anchor

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/gate/bay0"
	"github.com/anchor-os/anchor/release/vm"
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

// The commands of the documents work as they stand there, block by block, in a
// checkout in which `make uki` was run; make's own targets exist.
func TestDocumentCommands(t *testing.T) {
	dir := buildCheckout(t, "documents", "022")
	block := regexp.MustCompile("(?s)```sh\n(.*?)```")
	tools := []string{"PATH=" + os.Getenv("PATH") + ":/usr/sbin"} // root's, where disks are made
	for _, d := range []struct {
		path    string
		atLeast int // commands
	}{
		{"README.md", 7}, {"docs/KERNEL.md", 12}, {"docs/PASSPORT.md", 12},
		{"docs/ROOMS.md", 7}, // makes a room, without an image until `make demo`: the last
	} {
		t.Run(d.path, func(t *testing.T) {
			ran := 0
			for _, m := range block.FindAllStringSubmatch(string(readFile(t, d.path)), -1) {
				ran += strings.Count(m[1], "\n")
				dry := regexp.MustCompile("(?m)^make ").ReplaceAllString(m[1], "make -n ") // this test is part of `make test`
				run(t, dir, tools, "bash", "-euo", "pipefail", "-c", dry)
			}
			if ran < d.atLeast {
				t.Errorf("only %d commands found", ran)
			}
		})
	}
	checkVolume(t, filepath.Join(dir, "out/disk.img"))
}

// checkVolume wants the disk of docs/ROOMS.md to be one on which work finds its volume: by name, and its own.
func checkVolume(t *testing.T, disk string) {
	t.Helper()
	labels, err := vm.DiskLabels(t.Context(), disk)
	if diff := cmp.Diff([]string{"work"}, labels); err != nil || diff != "" {
		t.Errorf("the disk's partitions: %v\n%s", err, diff)
	}
	root, err := exec.Command("/usr/sbin/debugfs", "-R", "stat <2>", disk+"?offset=1048576").Output()
	if err != nil || !regexp.MustCompile(`(?m)^User: 10002 +Group: 10002 `).Match(root) {
		t.Errorf("the top directory of work: %v\n%s", err, root)
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

// Threats that were met are worth what shows it: each test that the document names
// is there, and each file, and all of the lessons.
func TestThreatsAreTested(t *testing.T) {
	text := string(readFile(t, "docs/THREATS.md"))
	for n := 1; n <= 26; n++ {
		if !strings.Contains(text, fmt.Sprintf("\n| %d. ", n)) {
			t.Errorf("lesson %d has no row", n)
		}
	}
	declared := map[string]bool{}
	for _, line := range goTests(t) {
		declared[line] = true
	}
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(text, -1) {
		if !declared[name[1]] {
			t.Errorf("there is no test %s", name[1])
		}
	}
	for _, c := range regexp.MustCompile("`(Test\\w+)` \\(([^)]+)\\)").FindAllStringSubmatch(text, -1) {
		if !hasCase(t, c[1], c[2]) {
			t.Errorf("%s has no case %q", c[1], c[2])
		}
	}
	for _, path := range regexp.MustCompile("`((?:cmd|compiler|cue|policy)/[\\w/.]+)`").FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(path[1]); err != nil {
			t.Error(err)
		}
	}
}

// hasCase reports whether the file that declares a test of Bay0 names a case of it, or
// the compiler has a fixture of that name.
func hasCase(t *testing.T, test, name string) bool {
	t.Helper()
	if _, err := os.Stat("compiler/check/testdata/" + name + ".txtar"); err == nil {
		return test == "TestDefects"
	}
	files, err := filepath.Glob("cmd/bay0/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text := string(readFile(t, file))
		return strings.Contains(text, "func "+test+"(") && strings.Contains(text, `"`+name)
	})
}

// goTests are the names of all tests.
func goTests(t *testing.T) (names []string) {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, m := range declaration.FindAllStringSubmatch(string(readFile(t, path)), -1) {
			names = append(names, m[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
