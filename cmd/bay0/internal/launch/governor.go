package launch

import (
	"fmt"
	"os"

	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// Launcher is the launcher process as the governor knows it.
type Launcher struct {
	PID    int
	socket int
}

// Spawn starts the launcher, in an empty network namespace of its own. It is
// given the initial one, for the rooms that share it.
func Spawn() (*Launcher, error) {
	network, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("cannot open the network namespace: %w", err)
	}
	defer network.Close()
	ours, theirs, err := socketpair(role.Message{Kind: role.Launcher})
	if err != nil {
		return nil, err
	}
	defer unix.Close(theirs)
	// Go's runtime looks after a busy thread every 20 µs. In what is started from here,
	// the launcher and then the stages, the kernel lets it wait for 4 ms (prctl(2),
	// PR_SET_TIMERSLACK): one thread is all that is at work there. It is this thread's
	// to pass on; another that took over in between would cost no more than time.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 4_000_000, 0, 0, 0)
	pid, err := execute(unix.CLONE_NEWNET, []uintptr{
		0, 1, 2, // the console
		role.SocketFD: uintptr(theirs),
		networkFD:     network.Fd(),
	})
	return &Launcher{pid, ours}, err
}

// socketpair is a SEQPACKET pair: one message, one read; and the end of the stream
// is seen when the other end is closed. The role of who gets theirs is in it.
func socketpair(as role.Message) (ours, theirs int, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, fmt.Errorf("cannot make a process's socket: %w", err)
	}
	return pair[0], pair[1], as.Send(pair[0])
}

// Ask has the launcher do something, and waits until it has answered. With the
// answer to role.Start come the files of the new process: its stage's socket, the end
// of its log and, if the room has one, its notify socket. An error is for good: the
// launcher has ended.
func (l *Launcher) Ask(m role.Message) (answer role.Message, files []*os.File, err error) {
	if err := m.Send(l.socket); err != nil {
		return answer, nil, fmt.Errorf("cannot ask the launcher: %w", err)
	}
	b, control := make([]byte, role.MaxSize), make([]byte, unix.CmsgSpace(maxFiles*4))
	n, c, _, _, err := unix.Recvmsg(l.socket, b, control, unix.MSG_CMSG_CLOEXEC)
	if err == nil {
		answer, err = role.Parse(b[:n])
	}
	if err == nil {
		files, err = received(control[:c])
	}
	return answer, files, sys.Cannot(err, "hear from the launcher")
}

// maxFiles come with an answer.
const maxFiles = 3

// received are the files that came along, ready for the runtime's poller.
func received(control []byte) (files []*os.File, err error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	for _, fd := range fds {
		_ = unix.SetNonblock(fd, true) // no pipe and no socket refuses
		files = append(files, os.NewFile(uintptr(fd), "from the launcher"))
	}
	return files, err
}

// Await waits for the end of a stage, by its socket, and returns the reason that it
// gave. One that has become its room's program has given none, nor has one that died.
func Await(stage *os.File) (reason string) {
	defer stage.Close()
	m, _ := role.Receive(stage)
	return m.Text
}
