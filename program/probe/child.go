package probe

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

// child is the only argument of a program that a probe has started, which does nothing.
const child = "child"

// run starts the program as its own child.
func (r Room) run() []Probe {
	program := r.Exec[0]
	return []Probe{Grant("image /", "run "+program, func() error { return exec.Command(program, child).Run() })}
}

// The children below are bare forks. The runtime does not know of them, so that they must not use the
// runtime: raw system calls, no stack growth. Starting the program for each would take ten times as long.

// eatInChild uses size bytes of memory in a child, so that whoever is killed for it is not the one that
// reports.
func eatInChild(size int) error {
	pid, errno := forkEating(uintptr(size))
	if errno != 0 {
		return errno
	}
	return waitFor(pid)
}

// forkEating has the kernel take all pages in one call, which is faster than a fault for each. The child
// ends with the error number as its status.
//
//go:norace
//go:nosplit
func forkEating(size uintptr) (int, unix.Errno) {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		taken, _, failed := unix.RawSyscall6(unix.SYS_MMAP, 0, size, unix.PROT_READ|unix.PROT_WRITE,
			unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, minusOne, 0)
		if failed == 0 {
			_, _, failed = unix.RawSyscall(unix.SYS_MADVISE, taken, size, unix.MADV_POPULATE_WRITE)
		}
		for {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, uintptr(failed), 0, 0)
		}
	}
	return int(pid), errno
}

// fork makes n processes that wait, and ends them.
func fork(n int) error {
	var made []int
	var errno unix.Errno
	for len(made) < n && errno == 0 {
		var pid int
		if pid, errno = forkWaiting(); errno == 0 {
			made = append(made, pid)
		}
	}
	for _, pid := range made {
		unix.Kill(pid, unix.SIGKILL)
		unix.Wait4(pid, nil, 0, nil)
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// forkWaiting makes one task, exactly, that does nothing but wait to be killed.
//
//go:norace
//go:nosplit
func forkWaiting() (int, unix.Errno) {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		for {
			unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
		}
	}
	return int(pid), errno
}
