package main

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// child is the program as its own child: it does the one thing and says the errno that stopped it.
func child(what string) {
	var name string
	var amount int
	fmt.Sscan(what, &name, &amount)
	var errno unix.Errno
	switch name {
	case "nothing":
	case "eat":
		eat(amount << 20)
	case "fork":
		errno = fork(amount)
	default:
		fmt.Fprintf(os.Stderr, "unknown task %q\n", what)
		os.Exit(2)
	}
	if errno != 0 {
		fmt.Println(int(errno))
		os.Exit(1)
	}
}

// eat uses size bytes of memory, each page of them.
func eat(size int) {
	taken := make([]byte, size)
	for i := 0; i < len(taken); i += unix.Getpagesize() {
		taken[i] = 1
	}
	runtime.KeepAlive(taken)
}

// fork makes n processes that wait, and ends them.
func fork(n int) (errno unix.Errno) {
	var made []int
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
	return errno
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
