package seccomp

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/policy"
)

var profiles = []string{"baseline", "service", "network-service", "desktop"}

const profilesFile = "../../cue/profiles.cue"

var (
	comments   = regexp.MustCompile(`(?m)//.*$`)
	group      = regexp.MustCompile(`(?m)^\t(_\w+): \[([^\]]*)\]`)
	definition = regexp.MustCompile(`(?m)^\t"?([\w-]+)"?: list\.Concat\(\[([^\]]*)\]\)`)
	quoted     = regexp.MustCompile(`"(\w+)"`)
	parts      = regexp.MustCompile(`\w+`)
)

// profile reads one profile out of the CUE file, which is only quoted names in
// groups and groups in profiles. CUE itself is none of this package's imports.
func profile(t testing.TB, name string) []string {
	t.Helper()
	source, err := os.ReadFile(profilesFile)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	text := comments.ReplaceAllString(string(source), "")
	for _, m := range group.FindAllStringSubmatch(text, -1) {
		for _, q := range quoted.FindAllStringSubmatch(m[2], -1) {
			lists[m[1]] = append(lists[m[1]], q[1])
		}
	}
	for _, m := range definition.FindAllStringSubmatch(text, -1) {
		for _, part := range parts.FindAllString(m[2], -1) {
			if lists[part] == nil {
				t.Fatalf("%s: %s is made of %s, which is not above it", profilesFile, m[1], part)
			}
			lists[m[1]] = append(lists[m[1]], lists[part]...)
		}
	}
	if lists[name] == nil {
		t.Fatalf("%s: there is no profile %q", profilesFile, name)
	}
	return lists[name]
}

func TestProfilesNameEachCallOnceAndOnlyOnesThatCanBeAllowed(t *testing.T) {
	for _, name := range profiles {
		seen := map[string]bool{}
		for _, call := range profile(t, name) {
			if err := checkName(call, seen[call]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			seen[call] = true
		}
	}
}

// Every name in the file belongs to a profile: nothing was read past.
func TestEveryNameIsInAProfile(t *testing.T) {
	source, err := os.ReadFile(profilesFile)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range profiles {
		all = append(all, profile(t, name)...)
	}
	for _, q := range quoted.FindAllStringSubmatch(comments.ReplaceAllString(string(source), ""), -1) {
		if q[1] != "list" && !slices.Contains(all, q[1]) {
			t.Errorf("%s is in no profile", q[1])
		}
	}
}

// What the larger profiles have, they have with the checks of its arguments.
func TestDesktopMakesOnlySealableMemory(t *testing.T) {
	const sealing, cloexec, hugeTLB, noExec, exec = 2, 1, 4, 8, 16
	for _, arch := range policy.Arches {
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
	for _, arch := range policy.Arches {
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
		for _, arch := range policy.Arches {
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
