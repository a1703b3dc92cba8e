package launch

import (
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/stage"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// process is a room's process as the launcher sees it: the stage.
type process struct {
	pid     int
	files   []*os.File // the governor's: the notify socket, if the room has one, and the end of its log
	control *os.File   // the stage's socket
}

func (p *process) closeFiles() {
	for _, f := range p.files {
		f.Close()
	}
}

// prepare starts the stage of room number i.
func (l *launcher) prepare(p *process, i int) error {
	r := l.policy.Room(i)
	if r.Notify() {
		notify, err := listenNotify(r)
		if err != nil {
			return err
		}
		p.files = append(p.files, notify)
	}
	cgroup, err := makeCgroup(r)
	if err != nil {
		return err
	}
	defer cgroup.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return fmt.Errorf("cannot open the room's standard input: %w", err)
	}
	defer null.Close()
	log, out, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot make the log pipe: %w", err)
	}
	defer out.Close()
	p.files = append(p.files, log)
	ours, theirs, err := socketpair("stage", unix.SOCK_NONBLOCK)
	if err != nil {
		return err
	}
	defer theirs.Close()
	p.control = ours
	if err := (role.Assignment{Role: role.Stage, Room: uint32(i)}).Send(ours); err != nil {
		return fmt.Errorf("cannot assign the stage: %w", err)
	}
	files := []uintptr{
		null.Fd(), out.Fd(), out.Fd(),
		role.SocketFD:  theirs.Fd(),
		role.BlobFD:    l.blob.Fd(),
		stage.CgroupFD: cgroup.Fd(),
	}
	for _, s := range l.sockets[i] {
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
	return execute("stage", uintptr(namespaces)|unix.CLONE_PARENT, files)
}

// execute starts Bay0 again, in a role that it will learn by its descriptors.
func execute(role string, flags uintptr, files []uintptr) (pid int, err error) {
	pid, err = syscall.ForkExec(abi.Bay0Path, []string{abi.Bay0Path}, &syscall.ProcAttr{
		Dir: "/", Env: []string{}, Files: files,
		Sys: &syscall.SysProcAttr{Cloneflags: flags},
	})
	if err != nil {
		return 0, fmt.Errorf("cannot start the %s: %w", role, err)
	}
	return pid, nil
}

// await waits for the stage's end and reports it in m. A stage that died has given
// no reason: how it ended will tell the governor.
func (p *process) await(m Message) Message {
	defer p.control.Close()
	m.Kind = Ended
	for {
		var message [reasonMax]byte
		n, err := p.control.Read(message[:])
		switch {
		case err == io.EOF:
			if m.Kind == Confined && p.executed() {
				m.Kind = Running
			}
			return m
		case err != nil:
			m.Reason = fmt.Sprintf("cannot hear from the stage: %v", err)
			return m
		case n == 1 && message[0] == stage.Confined:
			m.Kind = Confined
		default:
			m.Reason = string(message[:n])
			return m
		}
	}
}

// executed reports whether the process runs another program than Bay0. One that
// has ended runs none (proc_pid_exe(5)). Its number may be another's by then, but
// not one that runs under this room's governor without being a room.
func (p *process) executed() bool {
	theirs, err := os.Stat(fmt.Sprintf("/proc/%d/exe", p.pid))
	if err != nil {
		return false
	}
	own, err := os.Stat("/proc/self/exe")
	return err == nil && !os.SameFile(own, theirs)
}
