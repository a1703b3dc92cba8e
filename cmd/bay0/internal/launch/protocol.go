package launch

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// The governor asks and the launcher reports, one message of a SEQPACKET socket
// each: a kind, the room, the run, the process; then, in a report, the reason.
const (
	messageSize = 1 + 3*4
	reasonMax   = 512
)

// Kind of a message. The zero value is none.
type Kind uint8

const (
	Start   Kind = iota + 1 // asks for a new process of a room
	Ping                    // asks for Pong
	Started                 // the process runs, as the stage; its log and notify socket come along
	Failed                  // there is no process, and why
	Running                 // the stage has become the room's program
	Ended                   // the stage has ended, confined or not; if it gave a reason, that
	Pong                    // the launcher answers
)

// Message is one request or report.
type Message struct {
	Kind      Kind
	Room, Run uint32
	PID       uint32 // of Started
	Confined  bool   // of Running and Ended: execve(2) was all that was left to do
	Reason    string // of Failed and Ended; empty: none was given
	Files     []*os.File
}

// confined is the top bit of the third number, which is no process's.
const confined = 1 << 31

func (m *Message) encode() []byte {
	b := append(make([]byte, 0, messageSize+len(m.Reason)), byte(m.Kind))
	b = binary.LittleEndian.AppendUint32(b, m.Room)
	b = binary.LittleEndian.AppendUint32(b, m.Run)
	third := m.PID
	if m.Confined {
		third |= confined
	}
	b = binary.LittleEndian.AppendUint32(b, third)
	return append(b, m.Reason[:min(len(m.Reason), reasonMax)]...)
}

func decode(b []byte) (Message, error) {
	if len(b) < messageSize {
		return Message{}, fmt.Errorf("cannot read a message of %d bytes", len(b))
	}
	third := binary.LittleEndian.Uint32(b[9:])
	return Message{
		Kind:     Kind(b[0]),
		Room:     binary.LittleEndian.Uint32(b[1:]),
		Run:      binary.LittleEndian.Uint32(b[5:]),
		PID:      third &^ confined,
		Confined: third&confined != 0,
		Reason:   string(b[messageSize:]),
	}, nil
}

// send writes one message with the descriptors that come along.
func (m *Message) send(socket *os.File) error {
	var control []byte
	if len(m.Files) > 0 {
		var fds []int
		for _, f := range m.Files {
			fds = append(fds, int(f.Fd()))
		}
		control = unix.UnixRights(fds...)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	return while(raw.Write, func(fd int) error { return unix.Sendmsg(fd, m.encode(), control, nil, 0) })
}

// receive waits for one message. The end of the stream is an error.
func receive(socket *os.File) (m Message, err error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return m, err
	}
	b := make([]byte, messageSize+reasonMax)
	control := make([]byte, unix.CmsgSpace(2*4)) // two descriptors: log and notify socket
	var n, c int
	err = while(raw.Read, func(fd int) (err error) {
		n, c, _, _, err = unix.Recvmsg(fd, b, control, unix.MSG_CMSG_CLOEXEC)
		return err
	})
	if err != nil {
		return m, err
	}
	if n == 0 {
		return m, io.EOF
	}
	if m, err = decode(b[:n]); err != nil {
		return m, err
	}
	m.Files, err = files(control[:c])
	return m, err
}

// files are the descriptors that came along, ready for the runtime's poller.
func files(control []byte) (all []*os.File, err error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, err
	}
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			return nil, err
		}
		for _, fd := range fds {
			if err := unix.SetNonblock(fd, true); err != nil {
				return nil, err
			}
			all = append(all, os.NewFile(uintptr(fd), "from the launcher"))
		}
	}
	return all, nil
}

// while makes a call on a non-blocking socket again as long as it would block,
// and waits in between (syscall.RawConn, its Read or Write).
func while(wait func(func(fd uintptr) bool) error, call func(fd int) error) error {
	var err error
	closed := wait(func(fd uintptr) bool {
		err = call(int(fd))
		return err != unix.EAGAIN && err != unix.EINTR
	})
	if closed != nil {
		return closed
	}
	return err
}
