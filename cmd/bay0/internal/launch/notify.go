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
	f, err := bind(path, unix.SOCK_DGRAM, int(r.UID()), int(r.GID()), 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot make the notify socket: %w", err)
	}
	if err := unix.SetsockoptInt(int(f.Fd()), unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return nil, fmt.Errorf("cannot have the notify socket tell its senders: %w", err)
	}
	return f, nil
}
