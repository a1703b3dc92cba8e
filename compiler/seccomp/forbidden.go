package seccomp

import "slices"

// A ban is a set of system calls that no passport can allow, with the reason as
// an author reads it.
type ban struct {
	reason string
	calls  []string
}

// bans lists calls that get around another wall of the room, that need a
// capability which no passport can grant, or that do not exist. The first kind
// must never be allowed; with the others an allowance would only mislead.
var bans = []ban{
	// A process that may be written to is as good as one's own. Before Linux 4.8 a
	// tracer could also change a call after the filter had judged it (seccomp(2),
	// "Notes"). kcmp tells the order of kernel addresses.
	{"it reaches into other processes", []string{
		"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
	}},
	// The operations in the ring are no system calls, so no filter sees them; and
	// its own faults are many (CVE-2023-2598).
	{"its operations are carried out without passing this filter", []string{
		"io_uring_setup", "io_uring_enter", "io_uring_register",
	}},
	// The flags, namespaces among them, lie in memory: a filter cannot read it, and
	// another thread could change it after a check. On ENOSYS glibc and others use
	// clone, on EPERM they give up (opencontainers/runc#2750).
	{"its flags lie behind a pointer where no filter can see them; it answers ENOSYS and libraries fall back to clone", []string{
		"clone3",
	}},
	// A namespace of one's own is root over kernel code written for root: most
	// local exploits start there (CVE-2022-0185, CVE-2023-32233).
	{"a room stays in the namespaces that it was started in", []string{
		"unshare", "setns",
	}},
	{"a room's file systems are mounted before it starts", []string{
		"mount", "umount2", "mount_setattr", "move_mount", "open_tree", "open_tree_attr",
		"fsopen", "fsconfig", "fsmount", "fspick", "pivot_root", "chroot",
		"swapon", "swapoff", "quotactl", "quotactl_fd",
	}},
	// A handle names an inode, not a path below the room's root: the way out of
	// early containers ("Shocker", 2014).
	{"it opens files by inode, past the room's root and Landlock's rules", []string{
		"open_by_handle_at",
	}},
	// Verifier and JIT faults give kernel memory (CVE-2021-3490); perf is as large
	// (CVE-2023-5717).
	{"it runs or samples code inside the kernel", []string{
		"bpf", "perf_event_open",
	}},
	// Halting the kernel at a page fault makes races certain; Linux keeps it from
	// unprivileged users since 5.11 (admin-guide/sysctl/vm.rst, unprivileged_userfaultfd).
	{"it halts the kernel in the middle of a copy, which exploits live on", []string{
		"userfaultfd",
	}},
	// Only user namespaces separate keyrings (keyrings(7)), and rooms have none.
	{"kernel keyrings are shared between rooms", []string{
		"add_key", "request_key", "keyctl",
	}},
	{"the kernel is replaced and extended by a signed release only", []string{
		"kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
	}},
	{"it concerns the whole machine, which is not a room's to change", []string{
		"reboot", "acct", "settimeofday", "clock_settime", "syslog", "vhangup",
		"sethostname", "setdomainname",
	}},
	// I/O ports reach devices; segments of one's own have broken the kernel's
	// return to user mode (CVE-2014-9322).
	{"it gives a program the processor's own controls", []string{
		"iopl", "ioperm", "modify_ldt",
	}},
	{"no supported kernel implements it", []string{
		"_sysctl", "afs_syscall", "create_module", "epoll_ctl_old", "epoll_wait_old",
		"get_kernel_syms", "get_thread_area", "getpmsg", "lookup_dcookie", "nfsservctl",
		"putpmsg", "query_module", "security", "set_thread_area", "tuxcall", "uselib",
		"vserver",
	}},
}

// Forbidden reports whether no passport may allow the system call of that name,
// and why: a clause that reads after the name and a colon.
func Forbidden(name string) (reason string, ok bool) {
	for _, b := range bans {
		if slices.Contains(b.calls, name) {
			return b.reason, true
		}
	}
	return "", false
}
