package seccomp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/policy/abi"
)

// These tests put filters before the kernel that they run on.

// host is the architecture of that kernel.
var host = map[string]abi.Arch{"amd64": abi.X8664, "arm64": abi.AArch64}[runtime.GOARCH]

// scratch holds what all tests of one run share.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "seccomp"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// confined builds testdata/confined once, without cgo: as static as a room's program.
var confined = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "confined")
	build := exec.Command("go", "build", "-o", path, "./testdata/confined")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build testdata/confined: %w\n%s", err, out)
	}
	return path, nil
})

// run runs testdata/confined with its own directory for temporary files.
func run(t *testing.T, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	path, err := confined()
	if err != nil {
		t.Fatal(err)
	}
	var out, errors bytes.Buffer
	command := exec.Command(path, args...)
	command.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stdin), &out, &errors
	if err = command.Run(); err != nil {
		err = fmt.Errorf("%w: %s", err, errors.String())
	}
	return out.String(), err
}

// filterFile compiles a Spec for the host into a file as the kernel wants it.
func filterFile(t *testing.T, s Spec) string {
	t.Helper()
	var b bytes.Buffer
	for _, i := range compiled(t, host, s) {
		if err := binary.Write(&b, binary.NativeEndian, i); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "filter")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Each call is made freely first: the control which shows that the filter is what
// answers differently, and that nothing else changes.
func TestKernelAnswers(t *testing.T) {
	const (
		none   = syscall.Errno(0)
		dirty  = 1 << 32
		eproto = syscall.EPROTONOSUPPORT
	)
	type args = [6]uint64
	tests := []struct {
		what           string
		call           string
		args           args
		free, confined syscall.Errno
	}{
		{"an allowed call", "getppid", args{}, none, none},
		{"a call not allowed", "personality", args{0xffffffff}, none, syscall.EPERM},
		{"a call that can never be allowed", "unshare", args{}, none, syscall.EPERM},
		{"clone3", "clone3", args{}, syscall.EINVAL, syscall.ENOSYS},
		{"a number of tomorrow", "5000", args{}, syscall.ENOSYS, syscall.ENOSYS},
		{"the number of a skipped call", "18446744073709551615", args{}, syscall.ENOSYS, syscall.ENOSYS},
		{"socket AF_UNIX", "socket", args{1, 1}, none, none},
		{"socket AF_NETLINK", "socket", args{16, 3}, none, syscall.EAFNOSUPPORT},
		{"socket AF_NETLINK below a dirty half", "socket", args{dirty | 16, 3}, none, syscall.EAFNOSUPPORT},
		{"socket TCP", "socket", args{2, 1, 6}, none, none},
		{"socket UDP", "socket", args{2, 2}, none, eproto},
		{"ioctl TCGETS of a pipe", "ioctl", args{0, 0x5401}, syscall.ENOTTY, syscall.ENOTTY},
		{"ioctl TIOCSTI", "ioctl", args{0, 0x5412}, syscall.ENOTTY, syscall.EPERM},
		{"ioctl TIOCSTI below a dirty half", "ioctl", args{0, dirty | 0x5412}, syscall.ENOTTY, syscall.EPERM},
		{"ioctl TIOCLINUX below a dirty half", "ioctl", args{0, dirty | 0x541c}, syscall.ENOTTY, syscall.EPERM},
		{"clone with CLONE_NEWNS, which CLONE_FS excludes", "clone", args{0x20200}, syscall.EINVAL, syscall.EPERM},
		{"clone with CLONE_THREAD but not its others", "clone", args{0x10000}, syscall.EINVAL, syscall.EINVAL},
		{"prctl PR_GET_DUMPABLE", "prctl", args{3}, none, none},
		{"prctl PR_GET_TIMING", "prctl", args{13}, none, syscall.EINVAL},
		{"sendto a closed descriptor", "sendto", args{999}, syscall.EBADF, syscall.EBADF},
		{"sendto MSG_FASTOPEN", "sendto", args{999, 0, 0, 0x20000000}, syscall.EBADF, syscall.EOPNOTSUPP},
		{"mmap writable", "mmap", args{0, 4096, 3, 0x22, 1<<64 - 1}, none, none},
		{"mmap executable", "mmap", args{0, 4096, 5, 0x22, 1<<64 - 1}, none, none},
		{"mmap writable and executable", "mmap", args{0, 4096, 7, 0x22, 1<<64 - 1}, none, syscall.EPERM},
		{"mprotect of nothing readable", "mprotect", args{0, 0, 1}, none, none},
		{"mprotect of nothing executable", "mprotect", args{0, 0, 4}, none, syscall.EPERM},
	}
	var lines strings.Builder
	var free, restricted []string
	for _, tt := range tests {
		number := tt.call
		if n, ok := Number(host, tt.call); ok {
			number = fmt.Sprint(n)
		}
		fmt.Fprintln(&lines, number, strings.Trim(fmt.Sprint(tt.args), "[]"))
		free = append(free, fmt.Sprintf("%s: %d", tt.what, tt.free))
		restricted = append(restricted, fmt.Sprintf("%s: %d", tt.what, tt.confined))
	}
	filter := filterFile(t, Spec{Allow: profile(t, "service"), Families: []string{"AF_UNIX", "AF_INET"}, Deny: DenyErrno})
	for file, want := range map[string][]string{"": free, filter: restricted} {
		out, err := run(t, lines.String(), "calls", file)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, errno := range strings.Fields(out) {
			got = append(got, tests[i].what+": "+errno)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("filter %q:\n%s", file, diff)
		}
	}
}

func TestKernelKills(t *testing.T) {
	tests := []struct {
		name   string
		deny   Action
		number uint32
	}{
		{"a call not allowed", DenyKill, number(t, "personality")},
		{"a call that can never be allowed", DenyKill, number(t, "ptrace")},
	}
	if host == abi.X8664 {
		tests = append(tests, struct {
			name   string
			deny   Action
			number uint32
		}{"x32 getpid", DenyErrno, 0x40000000 + 39})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filterFile(t, Spec{Allow: profile(t, "service"), Deny: tt.deny})
			out, err := run(t, fmt.Sprintln(number(t, "getppid"), "0 0 0 0 0 0")+fmt.Sprintln(tt.number, "0 0 0 0 0 0"), "calls", file)
			if out != "0\n" {
				t.Errorf("before the end it answered %q", out)
			}
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGSYS {
				t.Errorf("it ended with %v, want SIGSYS", err)
			}
		})
	}
}

func number(t *testing.T, name string) uint32 {
	t.Helper()
	n, ok := Number(host, name)
	if !ok {
		t.Fatalf("%s has no %s", host, name)
	}
	return n
}

// A program that makes one call outside its profile dies: what these do is enough of
// a real program, from its execve to its end, that the profiles can be trusted.
func TestProfilesCarryARealProgram(t *testing.T) {
	for profileName, role := range map[string]string{"baseline": "hello", "service": "work"} {
		t.Run(profileName, func(t *testing.T) {
			file := filterFile(t, Spec{Allow: profile(t, profileName), Families: []string{"AF_UNIX"}, Deny: DenyKill})
			out, err := run(t, "", "enter", file, role)
			if err != nil || !strings.HasSuffix(out, role+"\n") {
				t.Errorf("it said %q and ended with %v", out, err)
			}
		})
	}
}

// The control: the profiles are not so wide that anything would pass.
func TestBaselineDoesNotCarryAService(t *testing.T) {
	file := filterFile(t, Spec{Allow: profile(t, "baseline"), Families: []string{"AF_UNIX"}, Deny: DenyKill})
	if out, err := run(t, "", "enter", file, "work"); err == nil {
		t.Errorf("it said %q and ended well", out)
	}
}
