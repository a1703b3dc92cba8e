package probe

import "golang.org/x/sys/unix"

// The arguments of a denied call are, where that can be, ones to which the kernel itself would answer
// something else than EPERM and do nothing: then the answer is the filter's.

func memory() []Probe {
	return []Probe{
		Grant("memory", "map a page to write", mapPage(unix.PROT_READ|unix.PROT_WRITE)),

		Deny("memory", "map a page to write and execute", mapPage(unix.PROT_WRITE|unix.PROT_EXEC), unix.EPERM),
		Deny("memory", "make a page executable", func() error { return protectPage(unix.PROT_READ | unix.PROT_EXEC) }, unix.EPERM),
		Deny("memory", "memfd_create", Call(unix.SYS_MEMFD_CREATE, 0, 0), unix.EPERM), // itself: EFAULT
		Deny("memory", "userfaultfd", Call(unix.SYS_USERFAULTFD, 0), unix.EPERM),      // itself: ENOSYS
	}
}

// namespaces tries to make or enter one. CLONE_SIGHAND without CLONE_VM is EINVAL to the kernel, so that
// no process comes of it.
func namespaces() []Probe {
	probes := []Probe{
		Deny("namespaces", "setns", Call(unix.SYS_SETNS, minusOne, 0), unix.EPERM), // itself: EBADF
		// ENOSYS, so that a C library falls back to clone, whose flags a filter can see.
		Deny("namespaces", "clone3", Call(unix.SYS_CLONE3, 0, 0), unix.ENOSYS), // itself: EINVAL
	}
	for _, n := range []struct {
		name string
		flag uintptr
	}{
		{"mount", unix.CLONE_NEWNS}, {"user", unix.CLONE_NEWUSER}, {"pid", unix.CLONE_NEWPID},
		{"network", unix.CLONE_NEWNET}, {"ipc", unix.CLONE_NEWIPC}, {"uts", unix.CLONE_NEWUTS},
		{"cgroup", unix.CLONE_NEWCGROUP},
	} {
		probes = append(probes,
			Deny("namespaces", "clone a "+n.name+" namespace", Call(unix.SYS_CLONE, n.flag|unix.CLONE_SIGHAND), unix.EPERM),
			Deny("namespaces", "unshare a "+n.name+" namespace", Call(unix.SYS_UNSHARE, n.flag), unix.EPERM))
	}
	return probes
}

// systemCalls are those that change the machine, or another process.
func systemCalls() []Probe {
	var probes []Probe
	for _, c := range []struct {
		name      string
		number    uintptr
		arguments []uintptr
	}{
		{"mount", unix.SYS_MOUNT, nil},                                                           // itself: EFAULT
		{"umount2", unix.SYS_UMOUNT2, nil},                                                       // itself: EFAULT
		{"move_mount", unix.SYS_MOVE_MOUNT, nil},                                                 // itself: EPERM
		{"open_tree", unix.SYS_OPEN_TREE, []uintptr{minusOne}},                                   // itself: EFAULT
		{"fsopen", unix.SYS_FSOPEN, nil},                                                         // itself: EPERM
		{"pivot_root", unix.SYS_PIVOT_ROOT, nil},                                                 // itself: EPERM
		{"chroot", unix.SYS_CHROOT, nil},                                                         // itself: EFAULT
		{"ptrace another process", unix.SYS_PTRACE, []uintptr{unix.PTRACE_PEEKDATA, 0x7fffffff}}, // itself: ESRCH
		{"process_vm_readv", unix.SYS_PROCESS_VM_READV, nil},                                     // itself: ENOSYS
		{"bpf", unix.SYS_BPF, nil},                                                               // itself: ENOSYS
		{"perf_event_open", unix.SYS_PERF_EVENT_OPEN, nil},                                       // itself: ENOSYS
		{"io_uring_setup", unix.SYS_IO_URING_SETUP, nil},                                         // itself: ENOSYS
		{"add_key", unix.SYS_ADD_KEY, nil},                                                       // itself: ENOSYS
		{"request_key", unix.SYS_REQUEST_KEY, nil},                                               // itself: ENOSYS
		{"keyctl", unix.SYS_KEYCTL, []uintptr{0, minusOne}},                                      // itself: ENOSYS
		{"init_module", unix.SYS_INIT_MODULE, nil},                                               // itself: ENOSYS
		{"finit_module", unix.SYS_FINIT_MODULE, []uintptr{minusOne}},                             // itself: ENOSYS
		{"kexec_load", unix.SYS_KEXEC_LOAD, nil},                                                 // itself: ENOSYS
		{"reboot", unix.SYS_REBOOT, nil},                                                         // itself: EPERM
		{"swapon", unix.SYS_SWAPON, nil},                                                         // itself: ENOSYS
		{"settimeofday", unix.SYS_SETTIMEOFDAY, nil},                                             // itself: EPERM
		{"syslog", unix.SYS_SYSLOG, nil},                                                         // itself: EPERM
		{"open_by_handle_at", unix.SYS_OPEN_BY_HANDLE_AT, []uintptr{minusOne}},                   // itself: ENOSYS
	} {
		probes = append(probes, Deny("system call", c.name, Call(c.number, c.arguments...), unix.EPERM))
	}
	return probes
}

// arguments tries calls that are allowed with an argument that is not.
func arguments() []Probe {
	const dirty = 1 << 32 // the kernel reads the low half only; a filter that reads all is fooled
	return []Probe{
		Deny("system call", "number 5000, which no kernel has", Call(5000), unix.ENOSYS),
		Deny("ioctl", "TIOCSTI", Call(unix.SYS_IOCTL, 0, unix.TIOCSTI, 0), unix.EPERM), // itself: ENOTTY
		Deny("ioctl", "TIOCSTI with a dirty high half", Call(unix.SYS_IOCTL, 0, dirty|unix.TIOCSTI, 0), unix.EPERM),
		Deny("ioctl", "TIOCLINUX", Call(unix.SYS_IOCTL, 0, tiocLinux, 0), unix.EPERM),
		Deny("personality", "READ_IMPLIES_EXEC", personality, unix.EPERM),
	}
}

const (
	tiocLinux       = 0x541c   // linux/tty.h: to the console's own keyboard and selection
	readImpliesExec = 0x400000 // linux/personality.h
)

// Call makes one system call, whose arguments past those given are 0.
func Call(number uintptr, given ...uintptr) func() error {
	var a [6]uintptr
	copy(a[:], given)
	return func() error {
		_, _, errno := unix.Syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
		if errno != 0 {
			return errno
		}
		return nil
	}
}

func mapPage(protection int) func() error {
	return func() error {
		page, err := unix.Mmap(-1, 0, unix.Getpagesize(), protection, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
		if err != nil {
			return err
		}
		if protection&unix.PROT_READ != 0 {
			page[0] = 1
		}
		return unix.Munmap(page)
	}
}

// protectPage changes what can be done with a page that could be written to.
func protectPage(protection int) error {
	page, err := unix.Mmap(-1, 0, unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	defer unix.Munmap(page)
	return unix.Mprotect(page, protection)
}

func personality() error {
	err := Call(unix.SYS_PERSONALITY, readImpliesExec)()
	if err == nil {
		return Call(unix.SYS_PERSONALITY, 0)() // it went through: undo it, so that the rest runs as before
	}
	return err
}
