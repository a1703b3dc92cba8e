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
	blob     *os.File
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
		m, err := receive(l.governor)
		if err != nil {
			return fmt.Errorf("cannot hear from the governor: %w", err)
		}
		if err := l.answer(m); err != nil {
			return err
		}
	}
}

// newLauncher makes ready what all starts share: the cgroup controllers, and the
// sockets that rooms provide.
func newLauncher() (*launcher, error) {
	unix.CloseOnExec(networkFD)
	v, blob, err := role.Policy()
	if err != nil {
		return nil, err
	}
	if err := enableControllers(); err != nil {
		return nil, err
	}
	l := &launcher{policy: v, blob: blob, governor: os.NewFile(role.SocketFD, "governor")}
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

// answer carries out one request. Its errors end the launcher.
func (l *launcher) answer(m Message) error {
	switch m.Kind {
	case Ping:
		return l.report(Message{Kind: Pong})
	case Start:
		if int64(m.Room) >= int64(l.policy.Rooms()) {
			return fmt.Errorf("cannot start room %d of %d", m.Room, l.policy.Rooms())
		}
		return l.startRoom(m)
	}
	return fmt.Errorf("cannot understand a request of kind %d", m.Kind)
}

func (l *launcher) report(m Message) error {
	if err := m.send(l.governor); err != nil {
		return fmt.Errorf("cannot report to the governor: %w", err)
	}
	return nil
}

// startRoom reports the new process with its log and notify socket, and then,
// when it is known, what became of its stage. A room that could not be started
// leaves nothing open.
func (l *launcher) startRoom(m Message) error {
	p := &process{}
	defer p.closeFiles()
	if err := l.prepare(p, int(m.Room)); err != nil {
		p.control.Close() // a nil file closes with an error that means nothing
		m.Kind, m.Reason = Failed, err.Error()
		return l.report(m)
	}
	report := m
	report.Kind, report.PID, report.Files = Started, uint32(p.pid), p.files
	if err := l.report(report); err != nil {
		return err
	}
	// A report that cannot be sent means that the governor has ended, and with it the
	// machine.
	go func() { _ = l.report(p.await(m)) }()
	return nil
}
