package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	maxFiles = 256
	maxTasks = 32
)

// resources is how much of the machine the room can use up. What takes too much is a child, so that the
// one that is ended is not the one that reports.
func resources() []probe {
	return []probe{
		granted("memory 64 MiB", "a child uses 32 MiB", func() error { return run("eat", 32) }),
		granted("pids 32", "a child forks 4 times", func() error { return run("fork", 4) }),

		denied("memory 64 MiB", "a child uses 128 MiB", func() error { return run("eat", 128) }, errKilled),
		denied("pids 32", "a child forks 33 times", func() error { return run("fork", maxTasks+1) }, unix.EAGAIN),
		denied("files 256", "open one more", openTooMany, unix.EMFILE),
		denied("files 256", "raise the limit", raiseLimit(unix.RLIMIT_NOFILE), unix.EPERM),
		denied("core", "a limit above 0", coreLimit, errAbsent),
		denied("core", "raise the limit", raiseLimit(unix.RLIMIT_CORE), unix.EPERM),
		denied("priority", "above the others", call(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, ^uintptr(4)), unix.EACCES, unix.EPERM),
		denied("priority", "real-time scheduling", realTime, unix.EPERM),
	}
}

// run starts this program as a child that does one thing; a child that fails says its errno on its
// standard output.
func run(what string, amount int) error {
	said, err := exec.Command("/bin/web", "child", what+" "+strconv.Itoa(amount)).Output()
	if exit, ok := err.(*exec.ExitError); ok {
		if status, ok := exit.Sys().(interface{ Signaled() bool }); ok && status.Signaled() {
			return errKilled
		}
		if errno, err := strconv.Atoi(strings.TrimSpace(string(said))); err == nil {
			return unix.Errno(errno)
		}
	}
	return err
}

// keepSpareThreads leaves the runtime with n idle threads. It ends the program when it wants a thread and
// gets none, which would happen while the fork probe holds all tasks.
func keepSpareThreads(n int) {
	var started, ended sync.WaitGroup
	release := make(chan struct{})
	started.Add(n)
	for range n {
		ended.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			started.Done()
			<-release
		})
	}
	started.Wait()
	close(release)
	ended.Wait()
}

func openTooMany() error {
	var open []int
	defer func() {
		for _, fd := range open {
			unix.Close(fd)
		}
	}()
	for len(open) < 2*maxFiles {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if open = append(open, fd); fd >= maxFiles {
			return fmt.Errorf("descriptor %d was given out", fd)
		}
	}
	return nil
}

func raiseLimit(resource int) func() error {
	return func() error {
		var limit unix.Rlimit
		if err := unix.Getrlimit(resource, &limit); err != nil {
			return err
		}
		limit.Max++
		return unix.Setrlimit(resource, &limit)
	}
}

func coreLimit() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return err
	}
	if limit != (unix.Rlimit{}) {
		return fmt.Errorf("found %d, at most %d", limit.Cur, limit.Max)
	}
	return errAbsent
}

func realTime() error {
	return unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}, 0)
}
