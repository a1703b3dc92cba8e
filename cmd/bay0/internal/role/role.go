// Package role tells a process of Bay0 what it was started as, and how to speak with
// who started it. That comes by descriptor: no argument or variable, which a command
// line could carry, makes a launcher or a stage.
package role

import (
	"os"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Descriptors that every process but the governor inherits.
const (
	SocketFD = 3 // SEQPACKET: the role is its first message
	FirstFD  = 4 // of what the role alone inherits
)

// Inherited reads what the process was started as. One without a socket at SocketFD
// is the governor, or nothing at all: its message is of no kind.
func Inherited() (Message, error) {
	if _, err := unix.GetsockoptInt(SocketFD, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
		return Message{}, nil
	}
	unix.CloseOnExec(SocketFD)
	b := make([]byte, MaxSize)
	n, err := unix.Read(SocketFD, b) // by number: a file that nobody holds is closed
	if err != nil {
		return Message{}, sys.Cannot(err, "learn the role")
	}
	return Parse(b[:n])
}

// Policy reads the policy again, through the one checked decoder. It is what the
// governor has verified: nobody can write to the root.
func Policy() (*blob.View, error) {
	b, err := os.ReadFile(abi.PassportsPath)
	if err != nil {
		return nil, sys.Cannot(err, "read the policy")
	}
	return blob.Decode(b)
}
