package mutate_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/cmd/bay0/internal/mutate"
	"github.com/google/go-cmp/cmp"
)

func mutants(t *testing.T, dir string, packages ...string) mutate.Made {
	t.Helper()
	made, err := mutate.Make(dir, packages...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// What becomes of each way to enforce something.
func TestMutantsOfASample(t *testing.T) {
	want := []string{
		"calls: os.WriteFile(file, value, 0): removed",
		"calls: unix.Setsid(): removed",
		"calls: unix.Umask(0o077): removed",
		"calls: 0o077: 0",
		"calls: os.Chmod(file, 0o600): removed",
		"calls: 0o600: everybody may write",
		"raw: unix.RawSyscall(unix.SYS_PRCTL, 0, 0, 0): removed",
		`weak: unix.Mount("a", "b", "tmpfs", inert, "mode=0755"): removed`,
		"weak: inert: without 0x2",
		"weak: inert: without 0x4",
		`weak: "mode=0755": ""`,
		"weak: unix.O_PATH: without it",
		"weak: unix.O_CLOEXEC: without it",
		"limits: r.Rlimits().Len(): empty list",
		"limits: unix.Setrlimit(int(l.Resource), &unix.Rlimit{Cur: l.Soft, Max: l.Hard}): removed",
		"limits: l.Soft: no limit",
		"limits: l.Hard: no limit",
		"limits: unix.Setuid(int(r.UID())): removed",
		"limits: r.UID(): 0",
		"refusals: n > 1: never refuses",
		"refusals: len(b) == 0: never refuses",
		`either: errors.New("it is nothing"): never refuses`,
		"either: n != 0 && (n < -1 || n > 1): never refuses",
		"either: n < -1: never refuses",
		"either: n > 1: never refuses",
		"flags: r.Namespaces(): without 0x4000000",
		"flags: r.Namespaces(): without 0x8000000",
		"flags: r.Namespaces(): without 0x40000000",
		"flags: m.Attributes(): without 0x1",
		"rights: access: Allowed_access with 0x2",
		"rights: access: allowedAccess with 0x3",
		"rights: 0: Inheritable with 0x200000",
		"deferred: unix.Setns(3, 0): removed",
		"phases: raw: step left out",
		`begins: strings.HasPrefix(s, "x"): always true`,
		"steps: raw: step left out",
		`steps: unix.Chdir("/"): removed`,
		"answers: len(b) == 1 && b[0] == 1: always true",
	}
	var got []string
	for _, m := range mutants(t, "testdata/bay0", "sample").Mutants {
		got = append(got, fmt.Sprintf("%s: %s: %s", m.Function, m.Call, m.Change))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const bay0 = "../.."

// A mutated file is a file with more in each line and no line more, so that what a
// mutant is called by is where it is.
func TestLinesStay(t *testing.T) {
	made := mutants(t, bay0, "stage", "sys")
	for name, content := range made.Sources {
		if _, err := parser.ParseFile(token.NewFileSet(), name, content, 0); err != nil {
			t.Error(err)
		}
		original, err := os.ReadFile(filepath.Join(bay0, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := bytes.Count(content, []byte("\n")), bytes.Count(original, []byte("\n")); got != want {
			t.Errorf("%s has %d lines, the original %d", name, got, want)
		}
	}
	for i, m := range made.Mutants {
		if m.Number != i+1 || !bytes.Contains(made.Sources[m.File], fmt.Appendf(nil, "(%d", m.Number)) {
			t.Errorf("mutant %v is not in its file", m)
		}
	}
}

// Both processes that build a room say for which, before they do anything for it:
// without that, no mutant of theirs would ever be chosen.
func TestRoomsAreEntered(t *testing.T) {
	got := map[string]int{}
	for name, content := range mutants(t, bay0, "launch", "stage").Sources {
		if n := bytes.Count(content, []byte("{ mutant.Enter(")); n > 0 {
			got[name] = n
		}
	}
	if diff := cmp.Diff(map[string]int{"internal/launch/process.go": 1, "internal/stage/stage.go": 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPackageThatIsNotThere(t *testing.T) {
	_, err := mutate.Make(bay0, "nowhere")
	if err == nil || !strings.HasPrefix(err.Error(), "cannot list packages: ") {
		t.Errorf("got %v", err)
	}
}
