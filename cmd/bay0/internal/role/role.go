// Package role tells a process of Bay0 what it was started as, and gives it what
// it inherited. All of it comes by descriptor: no argument or variable, which a
// command line could carry, makes a launcher or a stage.
package role

import (
	"fmt"
	"os"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Descriptors that every process but the governor inherits.
const (
	SocketFD = 3 // SEQPACKET: the role is its first message
	BlobFD   = 4 // the policy
	FirstFD  = 5 // of what the role alone inherits
)

// Inherited reads what the process was started as. One without a socket at SocketFD
// is the governor, or nothing at all: its message is of no kind.
func Inherited() (Message, error) {
	if !sys.IsSocket(SocketFD) {
		return Message{}, nil
	}
	unix.CloseOnExec(SocketFD)
	unix.CloseOnExec(BlobFD)
	b := make([]byte, MaxSize)
	n, err := unix.Read(SocketFD, b) // by number: a file that nobody holds is closed
	if err != nil {
		return Message{}, fmt.Errorf("cannot learn the role: %w", err)
	}
	return Parse(b[:n])
}

// Policy reads the inherited policy again, through the one checked decoder: the
// governor vouches for the file, not for its own memory.
func Policy() (*blob.View, *os.File, error) {
	f := os.NewFile(BlobFD, "policy")
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot find the policy: %w", err)
	}
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil, nil, fmt.Errorf("cannot read the policy: %w", err)
	}
	v, err := blob.Decode(b)
	return v, f, err
}
