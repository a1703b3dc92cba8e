// Package stage is the second role of the Bay0 binary: a process that was
// started in its room's cgroup and namespaces, confines itself step by step and
// then becomes the room's program. Each step gives away something that a later
// one no longer needs, so their order is part of the design:
//
//	mounts → root → limits → identity → no_new_privs → Landlock → descriptors → seccomp → execve
//
// No mount can follow Landlock; moving and closing descriptors after seccomp would
// have to be allowed by the filter; without no_new_privs the filter could not be
// loaded by an unprivileged user.
package stage

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Descriptors that the stage inherits. Its role comes from SocketFD alone: no
// argument or variable, which a command line could carry, makes a stage.
const (
	SocketFD = 3 // SEQPACKET: the room's number in, the reason of a failure out
	BlobFD   = 4 // the policy
	firstFD  = 5 // of the sockets that the room provides
	listenFD = 3 // where the room finds them (sd_listen_fds(3), SD_LISTEN_FDS_START)
)

// Confined is the message that execve(2) is all that is left to do. A stage that
// ends without it has died on the way.
const Confined = 0

// stage is one room on its way from Bay0's powers to its own.
type stage struct {
	blob.Room
	control int // SocketFD, or where it was moved to
}

// Run never returns: the process becomes the room's program or ends.
func Run() {
	// no_new_privs, capabilities, Landlock and seccomp belong to a thread; execve
	// keeps those of the thread that calls it.
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // what little garbage there is goes with execve
	s := &stage{control: SocketFD}
	err := s.run()
	_, _ = unix.Write(s.control, []byte(err.Error())) // the reader sees the end of the stream in any case
	os.Exit(1)
}

// run returns only if it failed.
func (s *stage) run() (err error) {
	unix.CloseOnExec(SocketFD)
	unix.CloseOnExec(BlobFD)
	if s.Room, err = myRoom(); err != nil {
		return err
	}
	program, err := s.prepare() // allocates while there is still memory and no filter
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		s.enterRoot,
		s.limit,
		s.becomeUser,
		s.enterDirectory,
		s.forbidPrivileges,
		s.restrictAccess,
		s.arrangeDescriptors,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if _, err := unix.Write(s.control, []byte{Confined}); err != nil {
		return fmt.Errorf("cannot say that the room is confined: %w", err)
	}
	return program.Exec()
}

// myRoom reads the policy again through the one checked decoder, and takes the
// room that the launcher named.
func myRoom() (blob.Room, error) {
	var message [4]byte
	n, err := unix.Read(SocketFD, message[:])
	if err != nil {
		return blob.Room{}, fmt.Errorf("cannot learn the room's number: %w", err)
	}
	if n != len(message) {
		return blob.Room{}, fmt.Errorf("cannot learn the room's number: a message of %d bytes", n)
	}
	f := os.NewFile(BlobFD, "policy")
	info, err := f.Stat()
	if err != nil {
		return blob.Room{}, fmt.Errorf("cannot find the policy: %w", err)
	}
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil {
		return blob.Room{}, fmt.Errorf("cannot read the policy: %w", err)
	}
	v, err := blob.Decode(b)
	if err != nil {
		return blob.Room{}, err
	}
	i := binary.LittleEndian.Uint32(message[:])
	if int64(i) >= int64(v.Rooms()) {
		return blob.Room{}, fmt.Errorf("cannot start room %d of %d", i, v.Rooms())
	}
	return v.Room(int(i)), nil
}
