package main

import (
	"slices"

	"golang.org/x/sys/unix"
)

// minusOne is -1 as an argument: no descriptor, no id.
const minusOne = ^uintptr(0)

// system is what the room can ask of the kernel besides files and sockets. The arguments of a denied
// call are, where that can be, ones to which the kernel itself would answer something else than EPERM
// and do nothing: then the answer is the filter's.
func system() []probe {
	return slices.Concat(memory(), namespaces(), administration(), arguments())
}

func memory() []probe {
	return []probe{
		granted("memory", "map a page to write", mapPage(unix.PROT_READ|unix.PROT_WRITE)),

		denied("memory", "map a page to write and execute", mapPage(unix.PROT_WRITE|unix.PROT_EXEC), unix.EPERM),
		denied("memory", "make a page executable", makeExecutable, unix.EPERM),
		denied("memory", "memfd_create", call(unix.SYS_MEMFD_CREATE, 0, 0), unix.EPERM), // itself: EFAULT
		denied("memory", "userfaultfd", call(unix.SYS_USERFAULTFD, 0), unix.EPERM),
	}
}

// namespaces tries to make or enter one. CLONE_SIGHAND without CLONE_VM is EINVAL to the kernel, so that
// no process comes of it.
func namespaces() []probe {
	probes := []probe{
		denied("namespaces", "setns", call(unix.SYS_SETNS, minusOne, 0), unix.EPERM), // itself: EBADF
		// ENOSYS, so that a C library falls back to clone, whose flags a filter can see.
		denied("namespaces", "clone3", call(unix.SYS_CLONE3, 0, 0), unix.ENOSYS), // itself: EINVAL
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
			denied("namespaces", "clone a "+n.name+" namespace", call(unix.SYS_CLONE, n.flag|unix.CLONE_SIGHAND), unix.EPERM),
			denied("namespaces", "unshare a "+n.name+" namespace", call(unix.SYS_UNSHARE, n.flag), unix.EPERM))
	}
	return probes
}

func administration() []probe {
	var probes []probe
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
		{"add_key", unix.SYS_ADD_KEY, nil},                                                       // itself: EFAULT
		{"request_key", unix.SYS_REQUEST_KEY, nil},                                               // itself: EFAULT
		{"keyctl", unix.SYS_KEYCTL, []uintptr{0, minusOne}},                                      // itself: ENOKEY
		{"init_module", unix.SYS_INIT_MODULE, nil},                                               // itself: ENOSYS
		{"finit_module", unix.SYS_FINIT_MODULE, []uintptr{minusOne}},                             // itself: ENOSYS
		{"kexec_load", unix.SYS_KEXEC_LOAD, nil},                                                 // itself: ENOSYS
		{"reboot", unix.SYS_REBOOT, nil},                                                         // itself: EPERM
		{"swapon", unix.SYS_SWAPON, nil},                                                         // itself: ENOSYS
		{"settimeofday", unix.SYS_SETTIMEOFDAY, nil},                                             // itself: EPERM
		{"syslog", unix.SYS_SYSLOG, nil},                                                         // itself: EPERM
		{"open_by_handle_at", unix.SYS_OPEN_BY_HANDLE_AT, []uintptr{minusOne}},                   // itself: EPERM
	} {
		probes = append(probes, denied("system call", c.name, call(c.number, c.arguments...), unix.EPERM))
	}
	return probes
}

// arguments tries calls that are allowed with an argument that is not.
func arguments() []probe {
	const dirty = 1 << 32 // the kernel reads the low half only; a filter that reads all is fooled
	return []probe{
		denied("system call", "number 5000, which no kernel has", call(5000), unix.ENOSYS),
		denied("ioctl", "TIOCSTI", call(unix.SYS_IOCTL, 0, unix.TIOCSTI, 0), unix.EPERM), // itself: ENOTTY
		denied("ioctl", "TIOCSTI with a dirty high half", call(unix.SYS_IOCTL, 0, dirty|unix.TIOCSTI, 0), unix.EPERM),
		denied("ioctl", "TIOCLINUX", call(unix.SYS_IOCTL, 0, tiocLinux, 0), unix.EPERM),
		denied("personality", "READ_IMPLIES_EXEC", personality, unix.EPERM),
	}
}

const (
	tiocLinux       = 0x541c   // linux/tty.h: to the console's own keyboard and selection
	readImpliesExec = 0x400000 // linux/personality.h
)

// call makes one system call, whose arguments past those given are 0.
func call(number uintptr, given ...uintptr) func() error {
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

func makeExecutable() error {
	page, err := unix.Mmap(-1, 0, unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	defer unix.Munmap(page)
	return unix.Mprotect(page, unix.PROT_READ|unix.PROT_EXEC)
}

func personality() error {
	err := call(unix.SYS_PERSONALITY, readImpliesExec)()
	if err == nil {
		return call(unix.SYS_PERSONALITY, 0)() // it went through: undo it, so that the rest runs as before
	}
	return err
}
