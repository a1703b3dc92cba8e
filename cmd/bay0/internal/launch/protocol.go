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
	Start    Kind = iota + 1 // asks for a new process of a room
	Ping                     // asks for Pong
	Started                  // the process runs, as the stage; its notify socket, if it has one, and its log come along
	Failed                   // there is no process, and why
	Running                  // the stage has become the room's program
	Confined                 // the same, but the program has ended since, or could not be executed
	Ended                    // the stage has ended before it was confined; if it gave a reason, that
	Pong                     // the launcher answers
)

// Message is one request or report.
type Message struct {
	Kind      Kind
	Room, Run uint32
	PID       uint32 // of Started
	Reason    string // of Failed, Confined and Ended; empty: none was given
	Files     []*os.File
}

// send writes one message with the descriptors that come along.
func (m *Message) send(socket *os.File) error {
	b := []byte{byte(m.Kind)}
	for _, n := range []uint32{m.Room, m.Run, m.PID} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = append(b, m.Reason[:min(len(m.Reason), reasonMax)]...)
	var control []byte
	for _, f := range m.Files {
		control = append(control, unix.UnixRights(int(f.Fd()))...)
	}
	return unix.Sendmsg(int(socket.Fd()), b, control, nil, 0)
}

// receive waits for one message. The end of the stream is an error.
func receive(socket *os.File) (m Message, err error) {
	b := make([]byte, messageSize+reasonMax)
	control := make([]byte, unix.CmsgSpace(2*4)) // two descriptors: notify socket and log
	n, c, _, _, err := unix.Recvmsg(int(socket.Fd()), b, control, unix.MSG_CMSG_CLOEXEC)
	switch {
	case err != nil:
		return m, err
	case n == 0:
		return m, io.EOF
	case n < messageSize:
		return m, fmt.Errorf("cannot read a message of %d bytes", n)
	}
	m = Message{
		Kind:   Kind(b[0]),
		Room:   binary.LittleEndian.Uint32(b[1:]),
		Run:    binary.LittleEndian.Uint32(b[5:]),
		PID:    binary.LittleEndian.Uint32(b[9:]),
		Reason: string(b[messageSize:n]),
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
