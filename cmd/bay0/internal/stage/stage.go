// Package stage is the second role of the Bay0 binary: a process that was
// started in its room's cgroup and namespaces, confines itself step by step and
// then becomes the room's program. Each step gives away something that a later
// one no longer needs, so their order is part of the design:
//
//	cgroup → mounts → root → limits → identity → no_new_privs → Landlock → descriptors → seccomp → execve
//
// No mount can follow Landlock; moving and closing descriptors after seccomp would
// have to be allowed by the filter; without no_new_privs the filter could not be
// loaded by an unprivileged user.
package stage

import (
	"os"
	"runtime"
	"runtime/debug"

	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Descriptors that a stage inherits beside those of every role.
const (
	CgroupFD = role.FirstFD     // cgroup.procs of its room
	firstFD  = role.FirstFD + 1 // of the sockets that the room provides
	listenFD = 3                // where the room finds them (sd_listen_fds(3), SD_LISTEN_FDS_START)
)

// stage is one room on its way from Bay0's powers to its own.
type stage struct {
	blob.Room
	program *sys.Program
	control int // role.SocketFD, or where it was moved to
}

// Run never returns: the process becomes the program of room number i or ends.
func Run(i uint32) {
	// no_new_privs, capabilities, Landlock and seccomp belong to a thread; execve
	// keeps those of the thread that calls it.
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // what little garbage there is goes with execve
	s := &stage{control: role.SocketFD}
	err := s.run(i)
	_, _ = unix.Write(s.control, role.Message{Kind: role.Failed, Text: err.Error()}.Bytes()) // the end of the stream is seen in any case
	os.Exit(1)
}

// run returns only if it failed.
func (s *stage) run(i uint32) error {
	return sys.InOrder([]func() error{
		joinCgroup,
		func() error { return s.find(i) },
		s.prepare, // allocates while there is still memory and no filter
		s.enterRoot,
		s.limit,
		// The kernel's own 50 µs, in place of what the launcher has passed on (launch.Spawn).
		sys.Step("set the timer slack", func() error { return unix.Prctl(unix.PR_SET_TIMERSLACK, 50_000, 0, 0, 0) }),
		s.becomeUser,
		// It is the room's user who has to be allowed in.
		sys.Step("enter the working directory", func() error { return unix.Chdir(string(s.Directory())) }),
		// No later execve(2) gives any privilege.
		sys.Step("set no_new_privs", func() error { return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }),
		s.restrictAccess,
		s.arrangeDescriptors,
		func() error { return s.program.Exec() },
	})
}

// find looks up the room in the policy, which has one of that number: the launcher
// has compared.
func (s *stage) find(i uint32) error {
	v, err := role.Policy()
	if err == nil {
		s.Room = v.Room(int(i))
	}
	return err
}
