package seccomp

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/policy/abi"
)

func TestCompileRefuses(t *testing.T) {
	read := []string{"read"}
	tests := []struct {
		name string
		arch abi.Arch
		spec Spec
		want string
	}{
		{"an architecture without a table", 3, Spec{Allow: read, Deny: DenyErrno},
			"cannot compile a filter for architecture 3: no such target"},
		{"no deny action", abi.X8664, Spec{Allow: read},
			"cannot compile a filter with deny action 0: want DenyErrno or DenyKill"},
		{"an unheard-of deny action", abi.X8664, Spec{Allow: read, Deny: 3},
			"cannot compile a filter with deny action 3: want DenyErrno or DenyKill"},
		{"an empty list", abi.X8664, Spec{Deny: DenyErrno},
			"cannot compile an empty filter: no system call is allowed"},
		{"a list that is empty on this architecture", abi.AArch64, Spec{Allow: []string{"open", "fork"}, Deny: DenyErrno},
			"cannot compile an empty filter: no system call is allowed"},
		{"a misspelt call", abi.X8664, Spec{Allow: []string{"read", "opena"}, Deny: DenyErrno},
			`cannot allow system call "opena": there is no such call`},
		{"a call in capitals", abi.X8664, Spec{Allow: []string{"READ"}, Deny: DenyErrno},
			`cannot allow system call "READ": there is no such call`},
		{"a call listed twice", abi.X8664, Spec{Allow: []string{"read", "write", "read"}, Deny: DenyErrno},
			`cannot allow system call "read": it is listed twice`},
		{"a call listed twice that this architecture lacks", abi.AArch64, Spec{Allow: []string{"read", "open", "open"}, Deny: DenyErrno},
			`cannot allow system call "open": it is listed twice`},
		{"a call that no room may make", abi.X8664, Spec{Allow: []string{"read", "ptrace"}, Deny: DenyErrno},
			`cannot allow system call "ptrace": it reaches into other processes`},
		{"clone3", abi.AArch64, Spec{Allow: []string{"clone3"}, Deny: DenyErrno},
			`cannot allow system call "clone3": its flags lie behind a pointer where no filter can see them; it answers ENOSYS and libraries fall back to clone`},
		{"a misspelt family", abi.X8664, Spec{Allow: read, Families: []string{"AF_INET4"}, Deny: DenyErrno},
			`cannot allow address family "AF_INET4": there is no such family`},
		{"a family by its second name", abi.X8664, Spec{Allow: read, Families: []string{"AF_LOCAL"}, Deny: DenyErrno},
			`cannot allow address family "AF_LOCAL": there is no such family`},
		{"a family listed twice", abi.X8664, Spec{Allow: read, Families: []string{"AF_UNIX", "AF_UNIX"}, Deny: DenyErrno},
			`cannot allow address family "AF_UNIX": it is listed twice`},
		{"UDP without a family for it", abi.X8664, Spec{Allow: read, Families: []string{"AF_UNIX"}, UDP: true, Deny: DenyErrno},
			"cannot allow UDP: neither AF_INET nor AF_INET6 is allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			program, err := Compile(tt.arch, tt.spec)
			if program != nil || err == nil {
				t.Fatalf("got a program of %d instructions, error %v", len(program), err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The other walls of a room rest on these; they stay forbidden whatever else changes.
func TestForbiddenCalls(t *testing.T) {
	for name := range strings.FieldsSeq(`
		ptrace process_vm_readv process_vm_writev pidfd_getfd bpf perf_event_open userfaultfd
		io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key
		kexec_load kexec_file_load init_module finit_module delete_module
		mount umount2 move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick
		mount_setattr pivot_root chroot swapon swapoff reboot
		setns unshare clone3 open_by_handle_at iopl ioperm settimeofday clock_settime syslog`) {
		if _, ok := Forbidden(name); !ok {
			t.Errorf("%s can be allowed", name)
		}
	}
}

func TestTablesOfRulesNameCallsThatExistAndEachOnce(t *testing.T) {
	var banned, conditional []string
	for _, b := range bans {
		banned = append(banned, b.calls...)
	}
	for _, c := range conditions {
		conditional = append(conditional, c.calls...)
		if (c.only == nil) == (c.never == nil) {
			t.Errorf("the condition on %q has not one list of values", c.calls)
		}
	}
	conditional = append(conditional, socketCalls...)
	for _, names := range [][]string{banned, conditional} {
		slices.Sort(names)
		if once := slices.Compact(slices.Clone(names)); len(once) != len(names) {
			t.Errorf("a name stands twice in %q", names)
		}
		for _, name := range names {
			if !Known(name) {
				t.Errorf("%q is no system call", name)
			}
		}
	}
	for _, name := range conditional {
		if slices.Contains(banned, name) {
			t.Errorf("%q has conditions but can never be allowed", name)
		}
	}
}

// A build is reproducible only if its filters are: neither the order of the lists
// nor that of a map shows.
func TestTheOrderOfASpecDoesNotShow(t *testing.T) {
	forward := Spec{Allow: everything(), Families: []string{"AF_INET", "AF_INET6", "AF_UNIX"}, UDP: true, Deny: DenyKill}
	backward := forward
	backward.Allow = slices.Clone(forward.Allow)
	backward.Families = slices.Clone(forward.Families)
	slices.Reverse(backward.Allow)
	slices.Reverse(backward.Families)
	for _, arch := range abi.Arches {
		if diff := cmp.Diff(compiled(t, arch, forward), compiled(t, arch, backward)); diff != "" {
			t.Errorf("%s:\n%s", arch, diff)
		}
	}
}

// The promises of the package comment and of Spec, one by one, in words.
func TestAnswers(t *testing.T) {
	const (
		x86, arm   = abi.X8664, abi.AArch64
		eperm      = 0x50000 | 1
		einval     = 0x50000 | 22
		enosys     = 0x50000 | 38
		eproto     = 0x50000 | 93
		eopnotsupp = 0x50000 | 95
		efamily    = 0x50000 | 97
		newuser    = 0x10000000
		dirty      = 1 << 32
	)
	base := Spec{
		Allow: []string{
			"read", "clone", "ioctl", "personality", "prctl", "mmap", "mprotect", "pkey_mprotect",
			"shmat", "socket", "socketpair", "sendto", "sendmsg", "sendmmsg",
		},
		Families: []string{"AF_UNIX", "AF_INET"},
		Deny:     DenyErrno,
	}
	kill, udp, executable := base, base, base
	kill.Deny, udp.UDP, executable.ExecutableMemory = DenyKill, true, true

	type args = [6]uint64
	tests := []struct {
		name   string
		spec   Spec
		arch   abi.Arch
		number uint32
		args   args
		want   uint32
	}{
		{"an allowed call", base, x86, 0, args{}, allowed},
		{"an allowed call, aarch64", base, arm, 63, args{}, allowed},
		{"a call not allowed", base, x86, 1, args{}, eperm},
		{"a call not allowed, kill", kill, x86, 1, args{}, killed},
		{"a call that can never be allowed", base, x86, 101, args{}, eperm},
		{"a number in a gap of the table", base, x86, 400, args{}, enosys},
		{"a number newer than the table", base, arm, 5000, args{}, enosys},
		{"a number newer than the table, kill", kill, arm, 5000, args{}, enosys},
		{"clone3", base, x86, 435, args{}, enosys},
		{"clone3, kill", kill, arm, 435, args{}, enosys},
		{"x32 read", base, x86, 0x40000000, args{}, killed},
		{"x32's bit on aarch64 is a number too high", base, arm, 0x40000000 + 63, args{}, enosys},
		{"the highest number below x32", base, x86, 0x3fffffff, args{}, enosys},
		{"a call that a tracer skips", kill, x86, 0xffffffff, args{}, enosys},

		{"clone of a thread", base, x86, 56, args{0x3d0f00}, allowed},
		{"clone of a process", base, arm, 220, args{0x4111}, allowed},
		{"clone with a user namespace", base, x86, 56, args{newuser}, eperm},
		{"clone with a user namespace, kill", kill, x86, 56, args{newuser}, killed},
		{"clone with exit signal 0x80, the bit of CLONE_NEWTIME", base, x86, 56, args{0x80}, allowed},
		{"clone with flags that only clone3 reads", base, x86, 56, args{dirty}, allowed},
		{"clone with a namespace below a dirty half", base, x86, 56, args{dirty | newuser}, eperm},

		{"ioctl TCGETS", base, x86, 16, args{0, 0x5401}, allowed},
		{"ioctl TIOCSTI", base, x86, 16, args{0, 0x5412}, eperm},
		{"ioctl TIOCSTI below a dirty half", base, x86, 16, args{0, dirty | 0x5412}, eperm},
		{"ioctl TIOCLINUX below a dirty half", base, arm, 29, args{0, dirty | 0x541c}, eperm},
		{"personality, the query", base, x86, 135, args{0xffffffff}, allowed},
		{"personality PER_LINUX", base, x86, 135, args{0}, allowed},
		{"personality READ_IMPLIES_EXEC", base, x86, 135, args{0x400000}, eperm},
		{"prctl PR_SET_NAME", base, x86, 157, args{15}, allowed},
		{"prctl PR_SET_MM", base, x86, 157, args{35}, einval},
		{"prctl with an option of tomorrow, kill", kill, x86, 157, args{1000}, einval},

		{"socket AF_UNIX", base, x86, 41, args{1, 5}, allowed},
		{"socketpair AF_UNIX", base, x86, 53, args{1, 5}, allowed},
		{"socket TCP", base, x86, 41, args{2, 0x80801, 6}, allowed},
		{"socket AF_INET6", base, x86, 41, args{10, 1}, efamily},
		{"socket AF_VSOCK, kill", kill, x86, 41, args{40, 1}, efamily},
		{"socket AF_VSOCK below a dirty half", base, x86, 41, args{dirty | 40, 1}, efamily},
		{"socket UDP", base, arm, 198, args{2, 2}, eproto},
		{"socket UDP where granted", udp, arm, 198, args{2, 2, 17}, allowed},
		{"socket MPTCP", base, arm, 198, args{2, 1, 262}, eproto},
		{"socket ICMP where UDP is granted", udp, arm, 198, args{2, 2, 1}, eproto},
		{"a raw socket", udp, arm, 198, args{2, 3, 255}, eproto},

		{"sendto", base, x86, 44, args{0, 0, 0, 0x4000}, allowed},
		{"sendto MSG_FASTOPEN", base, x86, 44, args{0, 0, 0, 0x20004000}, eopnotsupp},
		{"sendmsg MSG_FASTOPEN", base, x86, 46, args{0, 0, 0x20000000}, eopnotsupp},
		{"sendmmsg MSG_FASTOPEN, kill", kill, arm, 269, args{0, 0, 0, 0x20000000}, eopnotsupp},

		{"mmap writable", base, x86, 9, args{0, 0, 3}, allowed},
		{"mmap executable, as a loader does", base, x86, 9, args{0, 0, 5}, allowed},
		{"mmap writable and executable", base, x86, 9, args{0, 0, 7}, eperm},
		{"mmap writable and executable, kill", kill, x86, 9, args{0, 0, 6}, eperm},
		{"mmap writable and executable where granted", executable, x86, 9, args{0, 0, 7}, allowed},
		{"mprotect read-only, as a loader does", base, x86, 10, args{0, 0, 1}, allowed},
		{"mprotect executable", base, x86, 10, args{0, 0, 5}, eperm},
		{"mprotect executable with PROT_BTI, kill", kill, arm, 226, args{0, 0, 0x15}, eperm},
		{"pkey_mprotect executable", base, x86, 329, args{0, 0, 4}, eperm},
		{"shmat", base, x86, 30, args{}, allowed},
		{"shmat SHM_EXEC", base, x86, 30, args{0, 0, 0x8000}, eperm},
		{"shmat SHM_EXEC where granted", executable, arm, 196, args{0, 0, 0x8000}, allowed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			filter := interpret(t, compiled(t, tt.arch, tt.spec))
			if got := filter.answer(data{tt.number, auditArches[tt.arch], tt.args}); got != tt.want {
				t.Errorf("got %#x, want %#x", got, tt.want)
			}
		})
	}
}
