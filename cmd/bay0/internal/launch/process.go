package launch

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/stage"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// process is a room's new process, and the governor's ends of what belongs to it.
type process struct {
	pid int
	fds []int
}

// start starts the stage of room number n.
func (l *launcher) start(p *process, n uint32) error {
	r := l.policy.Room(int(n))
	log := []int{-1, -1}
	if err := unix.Pipe2(log, unix.O_CLOEXEC); err != nil {
		return fmt.Errorf("cannot make the log pipe: %w", err)
	}
	defer unix.Close(log[1])
	ours, theirs, err := socketpair(role.Message{Kind: role.Stage, Number: n})
	defer unix.Close(theirs)
	p.fds = []int{ours, log[0]}
	if err != nil {
		return err
	}
	if r.Notify() {
		notify, err := listenNotify(r)
		p.fds = append(p.fds, notify)
		if err != nil {
			return err
		}
	}
	null, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open the room's standard input: %w", err)
	}
	defer unix.Close(null)
	cgroup, err := makeCgroup(r)
	if err != nil {
		return err
	}
	defer unix.Close(cgroup)
	files := []uintptr{
		uintptr(null), uintptr(log[1]), uintptr(log[1]),
		role.SocketFD:  uintptr(theirs),
		stage.CgroupFD: uintptr(cgroup),
	}
	for _, s := range l.sockets[n] {
		if err := checkOpen(s); err != nil {
			return err
		}
		files = append(files, s.Fd())
	}
	p.pid, err = l.fork(r, files)
	return err
}

// fork makes the process as a child of the governor, in the namespaces that can
// be made before it is in its cgroup. It joins that itself, first of all: the
// kernel takes CLONE_PARENT and CLONE_INTO_CGROUP together only without an exit
// signal (kernel/fork.c, clone3_args_valid), and package syscall always gives one.
func (l *launcher) fork(r blob.Room, files []uintptr) (pid int, err error) {
	namespaces := r.Namespaces() &^ abi.CloneNewCgroup
	if namespaces&abi.CloneNewNet == 0 {
		if err := unix.Setns(networkFD, unix.CLONE_NEWNET); err != nil {
			return 0, fmt.Errorf("cannot enter the machine's network: %w", err)
		}
		defer func() {
			if e := unix.Setns(l.own, unix.CLONE_NEWNET); e != nil {
				fmt.Fprintf(os.Stderr, "bay0: launcher: cannot leave the machine's network: %v\n", e)
				os.Exit(1)
			}
		}()
	}
	return execute(uintptr(namespaces)|unix.CLONE_PARENT, files)
}

// execute starts Bay0 again, in a role that it will learn by its descriptors.
func execute(flags uintptr, files []uintptr) (pid int, err error) {
	pid, err = syscall.ForkExec(abi.Bay0Path, []string{abi.Bay0Path}, &syscall.ProcAttr{
		Dir: "/", Env: []string{}, Files: files,
		Sys: &syscall.SysProcAttr{Cloneflags: flags},
	})
	return pid, sys.Cannot(err, "start %s", abi.Bay0Path)
}

// executed reports whether the process runs another program than Bay0. One that
// has ended runs none (proc_pid_exe(5)).
func executed(pid uint32) error {
	theirs, err := os.Stat(fmt.Sprintf("/proc/%d/exe", pid))
	own, also := os.Stat("/proc/self/exe")
	if os.SameFile(own, theirs) { // and both are there
		return errors.New("it is Bay0 still")
	}
	return errors.Join(err, also)
}
