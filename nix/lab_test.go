// Package nix holds what flake.nix is made of, and tests it with a real Nix, in its sandbox, without network.
// nixpkgs is stood in for by .ci/nixpkgs, which docs/NIX.md tells what that proves and what not.
package nix

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// lab is a checkout of its own, in which Nix builds by the stand-in for nixpkgs.
type lab struct {
	repository string // that is tested
	tree       string // its copy
	nixpkgs    string
	env        []string
	rows       [][3]string // what was found, for the table
}

// newLab copies the checkout and makes the stand-in. Where that cannot be, the test fails.
func newLab(t *testing.T) *lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("the sandbox needs root here: run make test-nix as root")
	}
	dir := t.TempDir()
	l := &lab{tree: filepath.Join(dir, "tree"), nixpkgs: filepath.Join(dir, "nixpkgs")}
	var err error
	if l.repository, err = filepath.Abs(".."); err != nil {
		t.Fatal(err)
	}
	// What an outer make or go has set for itself is not for this.
	for _, variable := range os.Environ() {
		if key, _, _ := strings.Cut(variable, "="); key != "MAKEFLAGS" && key != "MAKELEVEL" && key != "GOWORK" {
			l.env = append(l.env, variable)
		}
	}
	shows := strings.TrimSpace(l.must(t, l.repository, ".ci/stand-in", l.nixpkgs))
	l.env = append(l.env, "ANCHOR_NIX_SHOWS="+shows)
	l.must(t, l.repository, "sh", "-c", `mkdir "$0" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$0"
		cd "$0" && git init -q && git add -A && git -c user.name=test -c user.email=test@example.org commit -qm test`, l.tree)
	return l
}

// run runs a command and gives what it said.
func (l *lab) run(dir string, command ...string) (stdout, stderr string, err error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, l.env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

func (l *lab) must(t *testing.T, dir string, command ...string) string {
	t.Helper()
	out, errs, err := l.run(dir, command...)
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(command, " "), err, out, errs)
	}
	return out
}

// alone is a call of Nix as it stands, in the copy of the checkout.
func (l *lab) alone(args ...string) []string {
	return append([]string{filepath.Join(l.repository, ".ci/nix"), "nix"}, args...)
}

// call is a call of Nix with the stand-in: verb is one word or two.
func (l *lab) call(verb string, args ...string) []string {
	args = append([]string{"--override-input", "nixpkgs", "path:" + l.nixpkgs, "--no-write-lock-file"}, args...)
	return l.alone(append(strings.Fields(verb), args...)...)
}

// build builds and gives the store's path on this host.
func (l *lab) build(t *testing.T, what string, options ...string) string {
	t.Helper()
	out := l.must(t, l.tree, l.call("build", append(options, "--no-link", "--print-out-paths", "-L", ".#"+what)...)...)
	return filepath.Join(l.store(), strings.TrimSpace(out))
}

// store is the directory that is / to Nix.
func (l *lab) store() string {
	dir := os.Getenv("ANCHOR_NIX")
	if dir == "" {
		dir = filepath.Join(cacheDir(), "nix", "store")
	}
	return dir
}

func cacheDir() string {
	if dir := os.Getenv("ANCHOR_CACHE"); dir != "" {
		return dir
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "anchor")
	}
	return filepath.Join(os.Getenv("HOME"), ".cache", "anchor")
}

// edit changes a file of the tree until the test ends: the text old becomes new, or if there is no old,
// new is the whole file.
func (l *lab) edit(t *testing.T, name, old, new string) {
	t.Helper()
	path := filepath.Join(l.tree, name)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := new
	if old != "" {
		if text = strings.Replace(string(before), old, new, 1); text == string(before) {
			t.Fatalf("%s has no %q", name, old)
		}
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(path, before, 0o644); err != nil {
			t.Fatal(err)
		}
	})
}

// remove removes a file or a folder from the tree until the test ends.
func (l *lab) remove(t *testing.T, name string) {
	t.Helper()
	path, aside := filepath.Join(l.tree, name), filepath.Join(t.TempDir(), "aside")
	if err := os.Rename(path, aside); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Rename(aside, path); err != nil {
			t.Fatal(err)
		}
	})
}

// room makes a room, until the test ends. Nix sees it once git knows it.
func (l *lab) room(t *testing.T, name string) {
	t.Helper()
	l.must(t, l.tree, passportc(t, l), "new", name)
	l.must(t, l.tree, "git", "add", "rooms/"+name)
	t.Cleanup(func() { l.must(t, l.tree, "git", "rm", "-rfq", "rooms/"+name) })
}

// note adds a row to the table.
func (l *lab) note(kind, what, found string) {
	l.rows = append(l.rows, [3]string{kind, what, found})
}

// timed runs f and gives how long it took.
func timed(f func()) string {
	start := time.Now()
	f()
	return fmt.Sprintf("%.1f s", time.Since(start).Seconds())
}

var printing sync.Once

// table prints what was found.
func (l *lab) table(t *testing.T) {
	printing.Do(func() {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, row := range l.rows {
			fmt.Fprintf(w, "%s\t%s\t%s\n", row[0], row[1], row[2])
		}
		if err := w.Flush(); err != nil {
			t.Error(err)
		}
	})
}
