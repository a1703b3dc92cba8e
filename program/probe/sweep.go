package probe

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// sweep makes calls by their numbers, with arguments by which nothing would happen: "0-3,5", "EPERM", and so
// on. It tells of the first that is answered in another way.
func sweep(args words) error {
	for i := 0; i+1 < len(args); i += 2 {
		for _, part := range strings.Split(args[i], ",") {
			if err := sweepRange(part, args[i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func sweepRange(part, want string) error {
	from, to, isRange := strings.Cut(part, "-")
	if !isRange {
		to = from
	}
	first, err := strconv.Atoi(from)
	if err != nil {
		return err
	}
	last, err := strconv.Atoi(to)
	if err != nil {
		return err
	}
	for n := first; n <= last; n++ {
		_, _, errno := unix.Syscall6(uintptr(n), minusOne, minusOne, minusOne, minusOne, minusOne, minusOne)
		if got := unix.ErrnoName(errno); got != want {
			return fmt.Errorf("number %d gives %q, expected %s", n, got, want)
		}
	}
	return nil
}

// callInChild makes one call in a child, which it is to end.
func callInChild(number uintptr, given []uintptr) error {
	var a [6]uintptr
	copy(a[:], given)
	pid, errno := forkCalling(number, &a)
	if errno != 0 {
		return errno
	}
	return waitFor(pid)
}

// waitFor tells how a child has ended that gives an error number as its status.
func waitFor(pid int) error {
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil {
		return err
	}
	switch {
	case status.Signaled():
		return ErrKilled
	case status.ExitStatus() != 0:
		return unix.Errno(status.ExitStatus())
	}
	return nil
}

//go:norace
//go:nosplit
func forkCalling(number uintptr, a *[6]uintptr) (int, unix.Errno) {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		_, _, failed := unix.RawSyscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
		for {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, uintptr(failed), 0, 0)
		}
	}
	return int(pid), errno
}
