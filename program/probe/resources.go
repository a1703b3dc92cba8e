package probe

import (
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// limits is how much the room can use, as far as it costs nothing to find out.
func (r Room) limits() []Probe {
	files := fmt.Sprintf("files %d", r.Files)
	return []Probe{
		Deny(files, "open one more", func() error { return openTooMany(r.Files) }, unix.EMFILE),
		Deny(files, "raise the limit", raiseLimit(unix.RLIMIT_NOFILE), unix.EPERM),
		Deny("core", "a limit above 0", coreLimit, ErrAbsent),
		Deny("core", "raise the limit", raiseLimit(unix.RLIMIT_CORE), unix.EPERM),
		Deny("priority", "above the others", Call(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, ^uintptr(4)), unix.EACCES),
		Deny("priority", "real-time scheduling", realTime, unix.EPERM),
	}
}

// exhaustion uses memory and tasks up.
func (r Room) exhaustion() []Probe {
	memory, tasks := fmt.Sprintf("memory %d MiB", r.Memory>>20), fmt.Sprintf("pids %d", r.Tasks)
	return []Probe{
		Grant(memory, fmt.Sprintf("a child uses %d MiB", r.Memory>>22), func() error { return eatInChild(r.Memory / 4) }),
		Grant(tasks, fmt.Sprintf("run %d threads", spareThreads), keepSpareThreads),

		Deny(memory, fmt.Sprintf("a child uses %d MiB", r.Memory>>19), func() error { return eatInChild(2 * r.Memory) }, ErrKilled),
		Deny(tasks, fmt.Sprintf("fork %d times", r.Tasks), func() error { return fork(r.Tasks) }, unix.EAGAIN),
	}
}

const spareThreads = 12

// keepSpareThreads leaves the runtime with idle threads. It ends the program when it wants a thread and
// gets none, which would happen while the fork probe holds all tasks.
func keepSpareThreads() error {
	var started, ended sync.WaitGroup
	release := make(chan struct{})
	started.Add(spareThreads)
	for range spareThreads {
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

// openTooMany asks for the last descriptor that there can be, and for one after it.
func openTooMany(files int) error {
	last, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, files-1)
	if err != nil {
		return fmt.Errorf("cannot open descriptor %d: %v", files-1, err)
	}
	defer unix.Close(last)
	more, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, files-1)
	if err == nil {
		unix.Close(more)
	}
	return err
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
	if err := hasLimit(unix.RLIMIT_CORE, 0, 0); err != nil {
		return err
	}
	return ErrAbsent
}

func hasLimit(resource int, soft, hard uint64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(resource, &limit); err != nil {
		return err
	}
	if limit.Cur != soft || limit.Max != hard {
		return fmt.Errorf("found %d, at most %d", limit.Cur, limit.Max)
	}
	return nil
}

// forkWithThreads leaves the runtime threads of its own to go on with.
func forkWithThreads(n int) error {
	if err := keepSpareThreads(); err != nil {
		return err
	}
	return fork(n)
}

func realTime() error {
	return unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}, 0)
}
