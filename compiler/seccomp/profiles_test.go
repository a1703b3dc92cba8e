package seccomp

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/policy/abi"
)

var profiles = []string{"baseline", "service", "network-service", "desktop"}

const profilesFile = "../../cue/profiles.cue"

var (
	comments = regexp.MustCompile(`(?m)//.*$`)
	texts    = regexp.MustCompile(`(?m)^\t"?([\w-]+)"?: (?:"""([^"]*)"""|"([^"]*)")`)
	part     = regexp.MustCompile(`^\\\((\w+)\)$`)
)

// groups reads the CUE file, which is only texts of names, and of the groups above
// them. CUE itself is none of this package's imports.
func groups(t testing.TB) map[string][]string {
	t.Helper()
	source, err := os.ReadFile(profilesFile)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	for _, m := range texts.FindAllStringSubmatch(comments.ReplaceAllString(string(source), ""), -1) {
		lists[m[1]] = strings.Fields(m[2] + m[3])
	}
	return lists
}

// profile gives the names in one profile, or in one group.
func profile(t testing.TB, name string) []string {
	t.Helper()
	lists := groups(t)
	var names []string
	var add func(name string)
	add = func(name string) {
		if lists[name] == nil {
			t.Fatalf("%s: there is no %q", profilesFile, name)
		}
		for _, word := range lists[name] {
			if m := part.FindStringSubmatch(word); m != nil {
				add(m[1])
			} else {
				names = append(names, word)
			}
		}
	}
	add(name)
	return names
}

func TestProfilesNameEachCallOnceAndOnlyOnesThatCanBeAllowed(t *testing.T) {
	for _, name := range profiles {
		seen := map[string]bool{}
		for _, call := range profile(t, name) {
			if err := checkName(call, seen[call], false); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			seen[call] = true
		}
	}
}

func TestEveryGroupIsInAProfile(t *testing.T) {
	var all []string
	for _, name := range profiles {
		all = append(all, profile(t, name)...)
	}
	lists := groups(t)
	if len(lists) < 4+13 {
		t.Fatalf("only %d texts were found", len(lists))
	}
	for name := range lists {
		for _, call := range profile(t, name) {
			if !slices.Contains(all, call) {
				t.Errorf("%s is in %s and in no profile", call, name)
			}
		}
	}
}

// What the larger profiles have, they have with the checks of its arguments.
func TestDesktopMakesOnlySealableMemory(t *testing.T) {
	const sealing, cloexec, hugeTLB, noExec, exec = 2, 1, 4, 8, 16
	for _, arch := range abi.Arches {
		filter := interpret(t, compiled(t, arch, Spec{Allow: profile(t, "desktop"), Deny: DenyKill}))
		number, _ := Number(arch, "memfd_create")
		for flags, want := range map[uint64]uint32{
			cloexec: retEINVAL, sealing | cloexec: allowed, sealing | noExec: allowed, noExec: retEINVAL,
			sealing | hugeTLB: retEINVAL, sealing | exec: retEINVAL, 1<<32 | sealing: allowed,
		} {
			if got := filter.answer(data{number: number, arch: auditArches[arch], args: [6]uint64{1: flags}}); got != want {
				t.Errorf("%s: memfd_create with flags %#x is answered by %#x, want %#x", arch, flags, got, want)
			}
		}
	}
}

// The launcher's last step is execve, under the filter.
func TestBaselineCanStartTheProgram(t *testing.T) {
	for _, arch := range abi.Arches {
		filter := interpret(t, compiled(t, arch, Spec{Allow: profile(t, "baseline"), Deny: DenyKill}))
		number, _ := Number(arch, "execve")
		if got := filter.answer(data{number: number, arch: auditArches[arch]}); got != allowed {
			t.Errorf("%s: execve is answered by %#x", arch, got)
		}
	}
}

// The figures that a filter costs: a change that moves them should know it.
func TestSizeAndWorstPathOfTheProfiles(t *testing.T) {
	var got strings.Builder
	for _, name := range profiles {
		for _, arch := range abi.Arches {
			spec := Spec{Allow: profile(t, name), Families: []string{"AF_UNIX", "AF_INET", "AF_INET6"}, Deny: DenyErrno}
			program := compiled(t, arch, spec)
			worst, err := WorstPath(program)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "%s on %s: %d instructions, at most %d executed\n", name, arch, len(program), worst)
		}
	}
	want := `
baseline on aarch64: 131 instructions, at most 16 executed
baseline on x86_64: 159 instructions, at most 17 executed
service on aarch64: 164 instructions, at most 20 executed
service on x86_64: 181 instructions, at most 20 executed
network-service on aarch64: 157 instructions, at most 21 executed
network-service on x86_64: 165 instructions, at most 21 executed
desktop on aarch64: 166 instructions, at most 21 executed
desktop on x86_64: 177 instructions, at most 20 executed
`
	if diff := cmp.Diff(want[1:], got.String()); diff != "" {
		t.Error(diff)
	}
}
