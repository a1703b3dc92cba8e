package probe

import (
	"errors"
	"os/exec"
	"strconv"

	"golang.org/x/sys/unix"
)

// child is the first argument of a program that a probe has started.
const child = "child"

// run starts the program as its own child, which does nothing.
func (r Room) run() []Probe {
	return []Probe{Grant("image /", "run "+r.Exec[0], r.child("nothing"))}
}

// child starts the program as its own child, which does one thing and ends.
func (r Room) child(task ...string) func() error {
	return func() error {
		err := exec.Command(r.Exec[0], append([]string{child}, task...)...).Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() < 0 { // it did not exit: a signal ended it
			return ErrKilled
		}
		return err
	}
}

// runChild is what such a child does; it returns its exit status.
func runChild(task []string) int {
	switch {
	case task[0] == "nothing":
		return 0
	case task[0] == "eat" && len(task) == 2:
		if size, err := strconv.Atoi(task[1]); err == nil && eat(size) == nil {
			return 0
		}
		return 1
	}
	return 2
}

// eat uses size bytes of memory for a moment. The kernel takes all their pages in one call, which is
// faster than a fault for each.
func eat(size int) error {
	taken, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	defer unix.Munmap(taken)
	return unix.Madvise(taken, unix.MADV_POPULATE_WRITE)
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

// forkWaiting makes one task, exactly: a bare fork that does nothing but wait to be killed. The runtime
// does not know of it, so that it must not use the runtime: raw system calls, no stack growth.
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
