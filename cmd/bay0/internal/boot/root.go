package boot

import (
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// MountDevices mounts /dev, before anything else: the watchdog is there, and the
// log.
func MountDevices() error {
	return mount("/dev", "devtmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=0755")
}

// moveRoot makes the initramfs a root that rooms can leave by pivot_root(2),
// which refuses the kernel's first mount, and that nobody can write to. The
// superblock is made read-only, not the mount: a second mount of it would undo
// the latter.
func moveRoot() error {
	if err := unix.Mount("/", abi.RoomRoot, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("cannot bind the root: %w", err)
	}
	if err := unix.Chdir(abi.RoomRoot); err != nil {
		return fmt.Errorf("cannot enter the bound root: %w", err)
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("cannot move the root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return fmt.Errorf("cannot change the root: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("cannot enter the root: %w", err)
	}
	// An initramfs is mode 1777 until somebody says otherwise.
	if err := unix.Chmod("/", 0o755); err != nil {
		return fmt.Errorf("cannot change the mode of the root: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		return fmt.Errorf("cannot make the root read-only: %w", err)
	}
	return nil
}

// inert is what every file system but /dev is mounted with.
const inert = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// mountAll mounts what Bay0 itself needs. A failure is never only logged.
func mountAll() error {
	for _, m := range []struct {
		target, fs, data string
	}{
		{"/proc", "proc", ""},
		{"/sys", "sysfs", ""},
		{"/sys/kernel/security", "securityfs", ""},
		{"/sys/fs/cgroup", "cgroup2", ""},
		{"/run", "tmpfs", "mode=0755,size=1m"},
	} {
		if err := mount(m.target, m.fs, inert, m.data); err != nil {
			return err
		}
	}
	if err := unix.Mkdir(abi.RunDir, 0o755); err != nil {
		return fmt.Errorf("cannot make %s: %w", abi.RunDir, err)
	}
	return nil
}

func mount(target, fs string, flags uintptr, data string) error {
	if err := unix.Mount(fs, target, fs, flags, data); err != nil {
		return fmt.Errorf("cannot mount %s on %s: %w", fs, target, err)
	}
	return nil
}
