package launch

import (
	"fmt"
	"os"
	"path"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// backlog is how many connections wait to be accepted, the kernel's default limit
// (net.core.somaxconn).
const backlog = 4096

// listenAll makes the sockets that a room provides. They are there before any
// room is, so that a consumer never meets a missing one, and they stay when their
// provider is started again.
func listenAll(r blob.Room) ([]*os.File, error) {
	var all []*os.File
	for i := range r.Sockets().Len() {
		s := r.Sockets().At(i)
		f, err := listen(s)
		if err != nil {
			return nil, fmt.Errorf("cannot make socket %s of room %s: %w", s.Name(), r.Name(), err)
		}
		all = append(all, f)
	}
	return all, nil
}

// listen makes a socket to which only members of its group can connect.
func listen(s blob.Socket) (*os.File, error) {
	name := string(s.Path())
	if err := os.MkdirAll(path.Dir(name), 0o755); err != nil {
		return nil, err
	}
	fd, err := bind(name, int(s.Type()), 0, int(s.GID()), 0o660)
	if err == nil && s.Type() != abi.SocketDatagram {
		err = unix.Listen(fd, backlog)
	}
	return os.NewFile(uintptr(fd), name), err
}

// listenNotify makes the datagram socket on which the room says READY=1
// (sd_notify(3)). Only the room's uid can write to it, and the kernel puts the
// sender's credentials on every message.
func listenNotify(r blob.Room) (fd int, err error) {
	path := abi.NotifySource(string(r.Name()))
	_ = os.Remove(path) // of the last start; one that is there still fails the next step
	if fd, err = bind(path, unix.SOCK_DGRAM, int(r.UID()), int(r.GID()), 0o600); err != nil {
		return fd, fmt.Errorf("cannot make the notify socket: %w", err)
	}
	return fd, sys.Cannot(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1), "have the notify socket tell its senders")
}

// bind makes a socket at a path. To be written to is what connect(2) and sendto(2)
// ask of its node (unix(7)).
func bind(path string, kind, uid, gid int, mode uint32) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fd, err
	}
	return fd, sys.InOrder([]func() error{
		func() error { return unix.Bind(fd, &unix.SockaddrUnix{Name: path}) },
		func() error { return unix.Chown(path, uid, gid) },
		func() error { return unix.Chmod(path, mode) },
	})
}

// checkOpen refuses a socket that a former run of its room has shut down: that is
// for good (shutdown(2)), and its clients hold the node, so no other can take its
// place until the machine starts again.
func checkOpen(socket *os.File) error {
	poll := []unix.PollFd{{Fd: int32(socket.Fd()), Events: unix.POLLRDHUP}}
	if _, err := unix.Poll(poll, 0); err != nil && err != unix.EINTR { // which a signal to the runtime is
		return fmt.Errorf("cannot look at socket %s: %w", socket.Name(), err)
	}
	if poll[0].Revents&(unix.POLLHUP|unix.POLLRDHUP) != 0 {
		return fmt.Errorf("cannot give the room socket %s again: it has shut it down", path.Base(socket.Name()))
	}
	return unix.SetNonblock(int(socket.Fd()), false) // as it was the first time
}
