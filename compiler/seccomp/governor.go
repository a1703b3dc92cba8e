package seccomp

import "github.com/anchor-os/anchor/policy/abi"

// Governor is the filter for Bay0 itself, once its launcher has started: what Go's
// runtime asks of the kernel and what a governor does, and nothing else. It opens
// no socket, AF_UNIX included, starts no program, mounts nothing, and makes no
// process but threads of its own. A call that it may not make fails with EPERM.
func Governor(arch abi.Arch) ([]abi.Instruction, error) {
	return Spec{Allow: governorCalls, Deny: DenyErrno, governor: true}.compile(arch)
}

// governorCalls are by what they are for. A name that another architecture alone
// has is left out there.
var governorCalls = []string{
	// Go's runtime (runtime/sys_linux_*.s, internal/runtime/syscall): memory,
	// threads, signals, clocks, the network poller, which it uses for any descriptor.
	"brk", "madvise", "mincore", "mmap", "mprotect", "munmap",
	"clone", "exit", "exit_group", "futex", "gettid", "getpid", "sched_getaffinity", "sched_yield", "tgkill",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
	"clock_gettime", "nanosleep", "getrandom", "prctl",
	"epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "pipe2",

	// Files: the log, the cgroups, what the invariants name, the firmware's variables.
	"close", "fcntl", "fstat", "fstatfs", "lseek", "newfstatat", "openat", "pread64", "read", "statfs", "write",

	// The launcher's reports and the rooms' notifications, on sockets that are open.
	"recvmsg", "sendmsg",

	// Rooms that end or shall end, the watchdog, and the machine's end.
	"ioctl", "kill", "reboot", "sync", "wait4",
}
