package role

import (
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// Message is what Bay0's processes say to each other, each in one message of a
// SEQPACKET socket: what a process is for, what the governor asks of the launcher,
// the launcher's answer, and why a stage could not become its room's program.
type Message struct {
	Kind   Kind
	Number uint32 // of a room, or of a process
	Text   string // the reason of what has failed
}

// Kind of a message. The zero value is none.
type Kind byte

const (
	Launcher Kind = iota + 1 // be the launcher, which builds rooms
	Stage                    // be the stage, which becomes the program of room Number
	Ping                     // answer
	Start                    // start room Number: its process is the answer's
	Look                     // look whether process Number has become a room's program
	Done                     // what was asked for
	Failed                   // it was not, and why
)

// A kind and a number, little-endian; then the text.
const (
	headSize = 5
	MaxSize  = headSize + 512
)

// Bytes are the message as it is sent.
func (m Message) Bytes() []byte {
	b := binary.LittleEndian.AppendUint32([]byte{byte(m.Kind)}, m.Number)
	return append(b, m.Text[:min(len(m.Text), MaxSize-headSize)]...)
}

// Send sends the message by a socket.
func (m Message) Send(to int) error {
	_, err := unix.Write(to, m.Bytes())
	return err
}

// Receive waits for a message. The end of the stream is io.EOF.
func Receive(from io.Reader) (Message, error) {
	b := make([]byte, MaxSize)
	n, err := from.Read(b)
	if err != nil {
		return Message{}, err
	}
	return Parse(b[:n])
}

// Parse reads what Bytes has written.
func Parse(b []byte) (Message, error) {
	if len(b) < headSize {
		return Message{}, fmt.Errorf("cannot read a message of %d bytes", len(b))
	}
	return Message{Kind(b[0]), binary.LittleEndian.Uint32(b[1:]), string(b[headSize:])}, nil
}
