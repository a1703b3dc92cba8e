package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// listenNotify makes the datagram socket on which the room says READY=1
// (sd_notify(3)). Only the room's uid can write to it, and the kernel puts the
// sender's credentials on every message.
func listenNotify(r blob.Room) (*os.File, error) {
	path := abi.NotifySource(string(r.Name()))
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot remove the room's last notify socket: %w", err)
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot make the notify socket: %w", err)
	}
	f := os.NewFile(uintptr(fd), path)
	if err := prepareNotify(fd, path, r); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot prepare the notify socket: %w", err)
	}
	return f, nil
}

func prepareNotify(fd int, path string, r blob.Room) error {
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return err
	}
	if err := os.Chown(path, int(r.UID()), int(r.GID())); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}
