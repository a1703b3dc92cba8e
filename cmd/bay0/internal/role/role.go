// Package role tells a process of Bay0 what it was started as, and gives it what
// it inherited. All of it comes by descriptor: no argument or variable, which a
// command line could carry, makes a launcher or a stage.
package role

import (
	"encoding/binary"
	"fmt"
	"os"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Descriptors that every process but the governor inherits.
const (
	SocketFD = 3 // SEQPACKET: the assignment is its first message
	BlobFD   = 4 // the policy
	FirstFD  = 5 // of what the role alone inherits
)

// Role is what a process is for. The zero value is no role.
type Role byte

const (
	Governor Role = iota + 1 // PID 1, which inherits nothing
	Launcher                 // builds rooms
	Stage                    // becomes a room's program
)

// Assignment is a role and, for a stage, the number of its room.
type Assignment struct {
	Role Role
	Room uint32
}

// assignmentSize is a role and a number, little-endian.
const assignmentSize = 5

// Send gives the process at the other end of socket its assignment, before or
// after it was started.
func (a Assignment) Send(socket *os.File) error {
	_, err := socket.Write(binary.LittleEndian.AppendUint32([]byte{byte(a.Role)}, a.Room))
	return err
}

// Inherited reads the assignment. A process without a socket at SocketFD is the
// governor, or nothing at all.
func Inherited() (Assignment, error) {
	if !sys.IsSocket(SocketFD) {
		return Assignment{Role: Governor}, nil
	}
	unix.CloseOnExec(SocketFD)
	unix.CloseOnExec(BlobFD)
	var message [assignmentSize + 1]byte
	n, err := unix.Read(SocketFD, message[:])
	if err != nil {
		return Assignment{}, fmt.Errorf("cannot learn the role: %w", err)
	}
	if n != assignmentSize {
		return Assignment{}, fmt.Errorf("cannot learn the role from a message of %d bytes", n)
	}
	return Assignment{Role(message[0]), binary.LittleEndian.Uint32(message[1:])}, nil
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
