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

const bay0 = "../.."

func mutants(t *testing.T, packages ...string) mutate.Made {
	t.Helper()
	made, err := mutate.Make(bay0, packages...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// What becomes of a function, one of each kind of mutant.
func TestMutantsOfAFunction(t *testing.T) {
	made := mutants(t, "launch", "stage", "boot", "invariant", "confine", "sys")
	for function, want := range map[string][]string{
		"internal/launch/cgroup.go set": { // a call left out, a check that passes all
			"os.WriteFile(file, value, 0): removed",
			"!bytes.Equal(got, value): never refuses",
		},
		"internal/stage/root.go pivot": { // flags
			"unix.Fchdir(root): removed",
			`unix.PivotRoot(".", "."): removed`,
			`unix.Unmount(".", unix.MNT_DETACH): removed`,
			"unix.MNT_DETACH: without it",
			`unix.Chdir("/"): removed`,
		},
		"internal/stage/identity.go becomeUser": { // steps
			"s.boundCapabilities: step left out", "s.setIDs: step left out", "s.keepCapabilities: step left out",
		},
		"internal/stage/confine.go limit": { // lists, limits and modes
			"unix.Setsid(): removed",
			"unix.Sethostname(s.Hostname()): removed",
			"unix.Umask(0o077): removed",
			"0o077: 0",
			"s.Rlimits().Len(): empty list",
			"unix.Setrlimit(int(l.Resource), &unix.Rlimit{Cur: l.Soft, Max: l.Hard}): removed",
			"l.Soft: no limit",
			"l.Hard: no limit",
		},
		"internal/boot/root.go mountAll": { // texts, and the bits of a name of its own
			`"mode=0755,size=1m": ""`,
			"mount(m.target, m.fs, inert, m.data): removed",
			"inert: without 0x2", "inert: without 0x4", "inert: without 0x8",
			"unix.Mkdir(abi.RunDir, 0o755): removed",
			"0o755: everybody may write",
		},
		"internal/sys/threads_unsafe.go ForbidPrivileges": { // raw system calls
			"syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0): removed",
		},
		"internal/boot/secureboot.go isSecure": { // answers
			"err == nil && len(value) == 1 && value[0] == 1: always true",
		},
		"internal/launch/protocol.go send": nil, // what carries messages
	} {
		t.Run(function, func(t *testing.T) {
			var got []string
			for _, m := range made.Mutants {
				if m.File+" "+m.Function == function {
					got = append(got, m.Call+": "+m.Change)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A mutated file is a file with more in each line and no line more, so that what a
// mutant is called by is where it is.
func TestLinesStay(t *testing.T) {
	made := mutants(t, "stage", "sys")
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
		lines := strings.Split(string(made.Sources[m.File]), "\n")
		if m.Number != i+1 || !strings.Contains(strings.Join(lines[m.Line-1:], "\n"), fmt.Sprintf("(%d", m.Number)) {
			t.Errorf("mutant %v is not in its line", m)
		}
	}
}

func TestPackageThatIsNotThere(t *testing.T) {
	_, err := mutate.Make(bay0, "nowhere")
	if err == nil || !strings.HasPrefix(err.Error(), "cannot list packages: ") {
		t.Errorf("got %v", err)
	}
}

// Both processes that build a room say for which, before they do anything for it:
// without that, no mutant of theirs would ever be chosen.
func TestRoomsAreEntered(t *testing.T) {
	made := mutants(t, "launch", "stage")
	got := map[string]int{}
	for name, content := range made.Sources {
		if n := bytes.Count(content, []byte("{ mutant.Enter(")); n > 0 {
			got[name] = n
		}
	}
	if diff := cmp.Diff(map[string]int{"internal/launch/process.go": 1, "internal/stage/stage.go": 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
