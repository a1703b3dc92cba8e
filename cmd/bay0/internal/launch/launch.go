// Package launch starts a room's process: its cgroup with every limit in place,
// then Bay0 itself again in namespaces of its own, in the role of the stage,
// which confines itself and becomes the room's program.
package launch

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"

	"github.com/anchor-os/anchor/cmd/bay0/internal/boot"
	"github.com/anchor-os/anchor/cmd/bay0/internal/stage"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Process is a room that was started. Its program runs.
type Process struct {
	PID    int
	Log    *os.File // what it writes to standard output and error
	Notify *os.File // datagrams, nil if the room does not notify
}

// Start starts room number i of the machine's policy.
func Start(m *boot.Machine, i int) (*Process, error) {
	r := m.Policy.Room(i)
	p := &Process{}
	if r.Notify() {
		notify, err := listenNotify(r)
		if err != nil {
			return nil, err
		}
		p.Notify = notify
	}
	cgroup, err := makeCgroup(r)
	if err != nil {
		return nil, err
	}
	defer unix.Close(cgroup)
	return p, p.start(m, r, i, cgroup)
}

func (p *Process) start(m *boot.Machine, r blob.Room, i, cgroup int) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return fmt.Errorf("cannot open the room's standard input: %w", err)
	}
	defer null.Close()
	log, out, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot make the log pipe: %w", err)
	}
	defer out.Close()
	p.Log = log
	// SEQPACKET: one message, one room; and the end of the stream is seen when
	// execve(2) closes the stage's end.
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot make the stage's socket: %w", err)
	}
	defer unix.Close(pair[0])
	p.PID, err = fork(r, cgroup, []uintptr{
		null.Fd(), out.Fd(), out.Fd(),
		stage.SocketFD: uintptr(pair[1]),
		stage.BlobFD:   m.Blob.Fd(),
	})
	unix.Close(pair[1])
	if err != nil {
		return err
	}
	return converse(pair[0], i)
}

// fork makes the process in its cgroup and namespaces in one system call, so
// that it never runs outside of them (clone3(2), CLONE_INTO_CGROUP).
func fork(r blob.Room, cgroup int, files []uintptr) (int, error) {
	pid, err := syscall.ForkExec(policy.Bay0Path, []string{policy.Bay0Path}, &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{},
		Files: files,
		Sys: &syscall.SysProcAttr{
			Cloneflags:  uintptr(r.Namespaces()),
			UseCgroupFD: true,
			CgroupFD:    cgroup,
		},
	})
	if err != nil {
		return 0, fmt.Errorf("cannot start the stage: %w", err)
	}
	return pid, nil
}

// converse tells the stage its room and waits until it has become the room's
// program, or says why it could not.
func converse(fd, i int) error {
	if _, err := unix.Write(fd, binary.LittleEndian.AppendUint32(nil, uint32(i))); err != nil {
		return fmt.Errorf("cannot tell the stage its room: %w", err)
	}
	var reason [512]byte
	n, err := unix.Read(fd, reason[:])
	if err != nil {
		return fmt.Errorf("cannot hear from the stage: %w", err)
	}
	if n > 0 {
		return fmt.Errorf("%s", reason[:n])
	}
	return nil
}
