package seccomp

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/policy/abi"
)

func TestTablesAreThoseOfTheModuleInGoMod(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("go", "run", "gen.go", "-dir", dir).CombinedOutput(); err != nil {
		t.Fatalf("go run gen.go: %v\n%s", err, out)
	}
	generated, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(generated) != 3 {
		t.Fatalf("gen.go wrote %q, %v", generated, err)
	}
	for _, path := range generated {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Base(path))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go generate ./compiler/seccomp", filepath.Base(path))
		}
	}
}

// The tables begin at number 0 or above and ascend: numberArms relies on it.
func TestTablesAscend(t *testing.T) {
	for _, arch := range abi.Arches {
		if !slices.IsSortedFunc(callsOf(arch), func(a, b call) int { return int(a.number) - int(b.number) }) {
			t.Errorf("the table of %s does not ascend", arch)
		}
		if last := callsOf(arch)[len(callsOf(arch))-1]; last.number >= 512 {
			t.Errorf("%s: %s is number %d, among those that x32 used", arch, last.name, last.number)
		}
	}
}

// libseccomp made its table by hand from the kernel's; the generated one comes from
// compiling the kernel's headers. Whatever both know must be the same.
func TestNumbersAgreeWithLibseccomp(t *testing.T) {
	if _, err := exec.LookPath("scmp_sys_resolver"); err != nil {
		t.Fatalf("%v: install Debian package seccomp", err)
	}
	for _, arch := range abi.Arches {
		t.Run(arch.String(), func(t *testing.T) {
			t.Parallel()
			agreed := 0
			for number := range uint32(512) {
				theirs, ours := resolve(t, arch, strconv.Itoa(int(number))), nameOf(arch, number)
				switch {
				case theirs == ours:
					agreed++
				case theirs != "":
					t.Errorf("%d is %q to libseccomp, %q here", number, theirs, ours)
				case resolve(t, arch, ours) != "":
					t.Errorf("%q is %d here, %s to libseccomp", ours, number, resolve(t, arch, ours))
				}
			}
			if agreed < 300 {
				t.Errorf("libseccomp knew %d numbers only", agreed)
			}
		})
	}
}

// resolve asks libseccomp for the name of a number or the number of a name; the
// answer is empty where there is none.
func resolve(t *testing.T, arch abi.Arch, query string) string {
	t.Helper()
	out, err := exec.Command("scmp_sys_resolver", "-a", arch.String(), query).Output()
	if err != nil {
		t.Fatalf("scmp_sys_resolver -a %s %s: %v", arch, query, err)
	}
	answer := strings.TrimSpace(string(out))
	// Below zero stand calls that libseccomp emulates, and -1 for none at all.
	if answer == "UNKNOWN" || strings.HasPrefix(answer, "-") {
		return ""
	}
	return answer
}

func nameOf(arch abi.Arch, number uint32) string {
	for _, c := range callsOf(arch) {
		if c.number == number {
			return c.name
		}
	}
	return ""
}

func TestNames(t *testing.T) {
	names := Names()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("the names are not sorted, or one stands twice")
	}
	for _, name := range []string{"open", "openat", "clone3", "io_uring_setup"} {
		if !slices.Contains(names, name) || !Known(name) {
			t.Errorf("%q is missing", name)
		}
	}
	for _, name := range []string{"", "READ", "arch_specific_syscall", "fstatat"} {
		if slices.Contains(names, name) || Known(name) {
			t.Errorf("%q is no system call", name)
		}
	}
}

func TestNumber(t *testing.T) {
	type answer struct {
		Number uint32
		OK     bool
	}
	tests := []struct {
		arch abi.Arch
		name string
		want answer
	}{
		{abi.X8664, "open", answer{2, true}},
		{abi.AArch64, "open", answer{}},
		{abi.AArch64, "openat", answer{56, true}},
		{abi.X8664, "newfstatat", answer{262, true}},
		{abi.AArch64, "newfstatat", answer{79, true}},
		{abi.X8664, "nonsense", answer{}},
		{3, "read", answer{}},
	}
	for _, tt := range tests {
		number, ok := Number(tt.arch, tt.name)
		if diff := cmp.Diff(tt.want, answer{number, ok}); diff != "" {
			t.Errorf("%s on %s:\n%s", tt.name, tt.arch, diff)
		}
	}
}

func TestFamilies(t *testing.T) {
	got := Families()
	if !slices.IsSorted(got) {
		t.Error("the families are not sorted")
	}
	for name, known := range map[string]bool{
		"AF_UNIX": true, "AF_INET": true, "AF_INET6": true, "AF_NETLINK": true, "AF_VSOCK": true,
		"AF_LOCAL": false, "AF_UNSPEC": false, "AF_MAX": false, "PF_UNIX": false, "": false,
	} {
		if FamilyKnown(name) != known || slices.Contains(got, name) != known {
			t.Errorf("%q: known is %v, want %v", name, FamilyKnown(name), known)
		}
	}
}
