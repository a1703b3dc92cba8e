// Package launch starts a room's process: its cgroup with every limit in place,
// then Bay0 itself again in namespaces of its own, in the role of the stage,
// which confines itself and becomes the room's program.
package launch

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/boot"
	"github.com/anchor-os/anchor/cmd/bay0/internal/stage"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Launcher starts the rooms of one machine.
type Launcher struct {
	machine *boot.Machine
	sockets [][]*os.File // that each room provides
}

// New makes ready what rooms share: the cgroup controllers and the sockets.
func New(m *boot.Machine) (*Launcher, error) {
	if err := enableControllers(); err != nil {
		return nil, err
	}
	l := &Launcher{machine: m}
	for i := range m.Policy.Rooms() {
		sockets, err := listenAll(m.Policy.Room(i))
		if err != nil {
			return nil, err
		}
		l.sockets = append(l.sockets, sockets)
	}
	return l, nil
}

// Process is a room's process: the stage, which becomes the room's program.
type Process struct {
	PID    int
	Log    *os.File // what it writes to standard output and error
	Notify *os.File // datagrams, nil if the room does not notify

	control *os.File // the stage's socket
}

// Start starts room number i. A room that could not be started leaves nothing
// open.
func (l *Launcher) Start(i int) (*Process, error) {
	p := &Process{}
	if err := l.prepare(p, i); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (l *Launcher) prepare(p *Process, i int) (err error) {
	r := l.machine.Policy.Room(i)
	if r.Notify() {
		if p.Notify, err = listenNotify(r); err != nil {
			return err
		}
	}
	cgroup, err := makeCgroup(r)
	if err != nil {
		return err
	}
	defer unix.Close(cgroup)
	return l.start(p, i, cgroup)
}

// logGrace is how long what an ended room has written can still be read.
const logGrace = time.Second

// Close closes what the supervisor holds of a room that has ended. Its log ends
// when it was read, or soon after: the room may have given the other end away.
func (p *Process) Close() {
	if p.Log != nil {
		_ = p.Log.SetReadDeadline(time.Now().Add(logGrace)) // a pipe can always have one
	}
	if p.Notify != nil {
		p.Notify.Close()
	}
}

// Answer is what became of a stage.
type Answer struct {
	Confined bool   // it had nothing left to do but execve(2)
	Running  bool   // it has become the room's program, which runs
	Reason   string // why it could not, in its own words
}

// Await waits for the stage's answer. A stage that died has given none: how it
// ended will tell.
func (p *Process) Await() (a Answer) {
	defer p.control.Close()
	for {
		var message [512]byte
		n, err := p.control.Read(message[:])
		switch {
		case err == io.EOF:
			a.Running = a.Confined && p.executed()
			return a
		case err != nil:
			a.Reason = fmt.Sprintf("cannot hear from the stage: %v", err)
			return a
		case n == 1 && message[0] == stage.Confined:
			a.Confined = true
		default:
			a.Reason = string(message[:n])
			return a
		}
	}
}

// executed reports whether the process runs another program than Bay0. One that
// has ended runs none (proc_pid_exe(5)); its number is its own until it is reaped.
func (p *Process) executed() bool {
	theirs, err := os.Stat(fmt.Sprintf("/proc/%d/exe", p.PID))
	if err != nil {
		return false
	}
	own, err := os.Stat("/proc/self/exe")
	return err == nil && !os.SameFile(own, theirs)
}

func (l *Launcher) start(p *Process, i, cgroup int) error {
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
	// SEQPACKET: one message, one room; and the end of the stream is seen when
	// execve(2) closes the stage's end.
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		log.Close()
		return fmt.Errorf("cannot make the stage's socket: %w", err)
	}
	control, theirs := os.NewFile(uintptr(pair[0]), "stage"), pair[1]
	files := []uintptr{
		null.Fd(), out.Fd(), out.Fd(),
		stage.SocketFD: uintptr(theirs),
		stage.BlobFD:   l.machine.Blob.Fd(),
	}
	for _, s := range l.sockets[i] {
		files = append(files, s.Fd())
	}
	// The stage finds its room's number in the socket when it first reads.
	_, err = control.Write(binary.LittleEndian.AppendUint32(nil, uint32(i)))
	if err == nil {
		p.PID, err = fork(l.machine.Policy.Room(i), cgroup, files)
	}
	unix.Close(theirs)
	if err != nil {
		log.Close()
		control.Close()
		return err
	}
	p.Log, p.control = log, control
	return nil
}

// fork makes the process in its cgroup and namespaces in one system call, so
// that it never runs outside of them (clone3(2), CLONE_INTO_CGROUP).
func fork(r blob.Room, cgroup int, files []uintptr) (int, error) {
	pid, err := syscall.ForkExec(policy.Bay0Path, []string{policy.Bay0Path}, &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{},
		Files: files,
		Sys: &syscall.SysProcAttr{
			Cloneflags:  uintptr(r.Namespaces()),
			UseCgroupFD: true,
			CgroupFD:    cgroup,
		},
	})
	if err != nil {
		return 0, fmt.Errorf("cannot start the stage: %w", err)
	}
	return pid, nil
}
