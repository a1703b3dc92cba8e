package launch

import (
	"fmt"
	"os"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// listenNotify makes the datagram socket on which the room says READY=1
// (sd_notify(3)). Only the room's uid can write to it, and the kernel puts the
// sender's credentials on every message.
func listenNotify(r blob.Room) (*os.File, error) {
	path := policy.NotifySource(string(r.Name()))
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot make the notify socket: %w", err)
	}
	f := os.NewFile(uintptr(fd), path)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return nil, fmt.Errorf("cannot bind the notify socket: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return nil, fmt.Errorf("cannot ask for the senders of notifications: %w", err)
	}
	if err := os.Chown(path, int(r.UID()), int(r.GID())); err != nil {
		return nil, fmt.Errorf("cannot give the notify socket to the room: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("cannot close the notify socket to others: %w", err)
	}
	return f, nil
}
