package main

import (
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	maxMemory = 64 << 20
	maxFiles  = 256
	maxTasks  = 32
)

// resources is how much of the machine the room can use up. Memory is eaten by a child, so that the one
// that is killed is not the one that reports.
func resources() []probe {
	return []probe{
		granted("memory 64 MiB", "use 16 MiB", func() error { return eat(maxMemory / 4) }),
		granted("pids 32", "run 12 threads", keepSpareThreads),

		denied("memory 64 MiB", "a child uses 128 MiB", func() error { return run("eat") }, errKilled),
		denied("pids 32", "fork 32 times", func() error { return fork(maxTasks) }, unix.EAGAIN),
		denied("files 256", "open one more", openTooMany, unix.EMFILE),
		denied("files 256", "raise the limit", raiseLimit(unix.RLIMIT_NOFILE), unix.EPERM),
		denied("core", "a limit above 0", coreLimit, errAbsent),
		denied("core", "raise the limit", raiseLimit(unix.RLIMIT_CORE), unix.EPERM),
		denied("priority", "above the others", call(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, ^uintptr(4)), unix.EACCES),
		denied("priority", "real-time scheduling", realTime, unix.EPERM),
	}
}

// keepSpareThreads leaves the runtime with idle threads. It ends the program when it wants a thread and
// gets none, which would happen while the fork probe holds all tasks.
func keepSpareThreads() error {
	const n = 12
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
	return nil
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
