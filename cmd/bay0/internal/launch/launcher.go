// Package launch starts rooms' processes, from two sides. The governor asks for
// them; the launcher, a process of its own, makes them: a cgroup with every limit
// in place, then Bay0 itself again in namespaces of its own, in the role of the
// stage, which confines itself and becomes the room's program.
//
// They are two processes because a seccomp filter and given-up capabilities pass
// to every child: who is to start rooms cannot be confined as the governor is.
// The rooms' processes are the governor's own children all the same (clone(2),
// CLONE_PARENT): one reaper, and nobody between it and how a room ended.
package launch

import (
	"fmt"
	"os"
	"runtime"

	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// networkFD is where the launcher finds the initial network namespace.
const networkFD = role.FirstFD

// launcher is the launcher process itself.
type launcher struct {
	policy   *blob.View
	governor *os.File
	sockets  [][]*os.File // that each room provides
	own      int          // the launcher's network namespace
}

// Run never returns: the launcher ends with the machine, or the machine with it.
func Run() {
	// The network namespace that a child gets is the calling thread's.
	runtime.LockOSThread()
	err := run()
	fmt.Fprintf(os.Stderr, "bay0: launcher: %v\n", err)
	os.Exit(1)
}

func run() error {
	l, err := newLauncher()
	if err != nil {
		return err
	}
	for {
		m, err := role.Receive(l.governor)
		if err != nil {
			return fmt.Errorf("cannot hear from the governor: %w", err)
		}
		if err := l.answer(m); err != nil {
			return fmt.Errorf("cannot answer the governor: %w", err)
		}
	}
}

// newLauncher makes ready what all starts share: the cgroup controllers, and the
// sockets that rooms provide.
func newLauncher() (*launcher, error) {
	unix.CloseOnExec(networkFD)
	v, err := role.Policy()
	if err != nil {
		return nil, err
	}
	if err := enableControllers(); err != nil {
		return nil, err
	}
	l := &launcher{policy: v, governor: os.NewFile(role.SocketFD, "governor")}
	if l.own, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("cannot open the network namespace: %w", err)
	}
	for i := range v.Rooms() {
		sockets, err := listenAll(v.Room(i))
		if err != nil {
			return nil, err
		}
		l.sockets = append(l.sockets, sockets)
	}
	return l, nil
}

// answer does what the governor asks for, and says that it has, or why not. The files of
// a new process go along, and none stays here.
func (l *launcher) answer(m role.Message) (err error) {
	p, done := &process{}, role.Message{Kind: role.Done}
	switch {
	case m.Kind == role.Ping:
	case m.Kind == role.Start && int64(m.Number) < int64(l.policy.Rooms()):
		err = l.start(p, m.Number)
		done.Number = uint32(p.pid)
	case m.Kind == role.Look:
		err = executed(m.Number)
	default:
		err = fmt.Errorf("cannot do %d to room %d of %d", m.Kind, m.Number, l.policy.Rooms())
	}
	rights := unix.UnixRights(p.fds...)
	if err != nil {
		done, rights = role.Message{Kind: role.Failed, Text: err.Error()}, nil
	}
	err = unix.Sendmsg(int(l.governor.Fd()), done.Bytes(), rights, nil, 0)
	for _, fd := range p.fds {
		unix.Close(fd)
	}
	return err
}
