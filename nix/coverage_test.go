package nix

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tested finds the folders of the repository in which there are tests.
func tested(t *testing.T) (folders map[string]bool) {
	t.Helper()
	folders = map[string]bool{}
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, e fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case e.IsDir() && (base == "testdata" || base == "out" || name != "." && strings.HasPrefix(base, ".")):
			return fs.SkipDir
		case strings.HasSuffix(base, "_test.go"):
			folders[path.Dir(name)] = true
		}
		return nil
	})
	if err != nil || len(folders) < 20 {
		t.Fatal(err, folders)
	}
	return folders
}

var (
	goTest     = regexp.MustCompile(`(?m)^ *go test .*$`)
	goPackages = regexp.MustCompile(` \./([^ )]+)`)
	noCheck    = regexp.MustCompile(`(?s)\nNo check are .*?\n\n(.*?)\n\n`)
	quoted     = regexp.MustCompile("`([^`]+)`")
)

// checked are patterns of those packages that are in a check, and unchecked the names in the table of docs/NIX.md
// of what is in none.
func checked(t *testing.T) (patterns []string, unchecked map[string]bool) {
	t.Helper()
	for _, line := range goTest.FindAllString(string(read(t, "checks.nix")), -1) {
		for _, m := range goPackages.FindAllStringSubmatch(line, -1) {
			patterns = append(patterns, m[1])
		}
	}
	unchecked = map[string]bool{}
	for row := range strings.Lines(noCheck.FindStringSubmatch(string(read(t, "../docs/NIX.md")))[1]) {
		for _, m := range quoted.FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			unchecked[m[1]] = true
		}
	}
	return patterns, unchecked
}

func matches(pattern, folder string) bool {
	if above, all := strings.CutSuffix(pattern, "/..."); all {
		return folder == above || strings.HasPrefix(folder, above+"/")
	}
	ok, _ := path.Match(pattern, folder)
	return ok
}

// Each package with tests is in a check of the flake, or in the table of those that are in none.
func TestTableOfTestsWithoutCheck(t *testing.T) {
	patterns, unchecked := checked(t)
	for folder := range tested(t) {
		there := unchecked[folder] || folder == "." // the root's: one by one, below
		for _, pattern := range patterns {
			there = there || matches(pattern, folder)
		}
		if !there {
			t.Errorf("the tests of %s are neither in nix/checks.nix nor in the table of docs/NIX.md", folder)
		}
	}
	files, err := filepath.Glob("../*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	run := regexp.MustCompile(`go test -run '\^\(([^)]*)\)\$' \.\n`).FindStringSubmatch(string(read(t, "checks.nix")))
	if run == nil {
		t.Fatal("no check runs tests of the root")
	}
	for name := range strings.SplitSeq(run[1], "|") {
		unchecked[name] = true
	}
	for _, file := range files {
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(read(t, file)), -1) {
			if !unchecked[m[1]] {
				t.Errorf("%s is neither in nix/checks.nix nor in the table of docs/NIX.md", m[1])
			}
		}
	}
}
