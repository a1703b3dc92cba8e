package launch

import (
	"fmt"
	"os"

	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"golang.org/x/sys/unix"
)

// Launcher is the launcher process as the governor knows it.
type Launcher struct {
	PID     int
	control *os.File
}

// Spawn starts the launcher, in an empty network namespace of its own. It is
// given the initial one, for the rooms that share it.
func Spawn(blob *os.File) (*Launcher, error) {
	network, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("cannot open the network namespace: %w", err)
	}
	defer network.Close()
	ours, theirs, err := socketpair("launcher", 0)
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	if err := (role.Assignment{Role: role.Launcher}).Send(ours); err != nil {
		return nil, fmt.Errorf("cannot assign the launcher: %w", err)
	}
	files := []uintptr{
		0, 1, 2, // the console
		role.SocketFD: theirs.Fd(),
		role.BlobFD:   blob.Fd(),
		networkFD:     network.Fd(),
	}
	pid, err := execute("launcher", unix.CLONE_NEWNET, files)
	return &Launcher{pid, ours}, err
}

// Ask sends a request.
func (l *Launcher) Ask(m Message) error {
	if err := m.send(l.control); err != nil {
		return fmt.Errorf("cannot ask the launcher: %w", err)
	}
	return nil
}

// Receive waits for the next report. Its error is for good: the launcher has
// ended.
func (l *Launcher) Receive() (Message, error) {
	m, err := receive(l.control)
	if err != nil {
		return m, fmt.Errorf("cannot hear from the launcher: %w", err)
	}
	return m, nil
}

// socketpair is a SEQPACKET pair: one message, one read; and the end of the
// stream is seen when the other end is closed.
func socketpair(name string, flags int) (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|flags, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make the socket of the %s: %w", name, err)
	}
	return os.NewFile(uintptr(pair[0]), name), os.NewFile(uintptr(pair[1]), name), nil
}
