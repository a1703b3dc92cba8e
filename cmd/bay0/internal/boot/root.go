package boot

import (
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// MountDevices mounts /dev, before anything else: the watchdog is there, and the
// log.
func MountDevices() error {
	return mount("/dev", "devtmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=0755")()
}

// moveRoot makes the initramfs a root that rooms can leave by pivot_root(2),
// which refuses the kernel's first mount, and that nobody can write to. The
// superblock is made read-only, not the mount: a second mount of it would undo
// the latter.
func moveRoot() error {
	return sys.InOrder([]func() error{
		sys.Step("bind the root", func() error { return unix.Mount("/", abi.RoomRoot, "", unix.MS_BIND|unix.MS_REC, "") }),
		sys.Step("enter the bound root", func() error { return unix.Chdir(abi.RoomRoot) }),
		sys.Step("move the root", func() error { return unix.Mount(".", "/", "", unix.MS_MOVE, "") }),
		sys.Step("change the root", func() error { return unix.Chroot(".") }),
		sys.Step("enter the root", func() error { return unix.Chdir("/") }),
		// An initramfs is mode 1777 until somebody says otherwise.
		sys.Step("change the mode of the root", func() error { return unix.Chmod("/", 0o755) }),
		sys.Step("make the root read-only", func() error { return unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_RDONLY, "") }),
	})
}

// inert is what every file system but /dev is mounted with.
const inert = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// mountAll mounts what Bay0 itself needs. A failure is never only logged.
func mountAll() error {
	return sys.InOrder([]func() error{
		mount("/proc", "proc", inert, ""),
		mount("/sys", "sysfs", inert, ""),
		mount("/sys/kernel/security", "securityfs", inert, ""),
		// A process that joins a cgroup need not wait for all processors (kernel: cgroup-v2.rst).
		mount("/sys/fs/cgroup", "cgroup2", inert, "favordynmods"),
		mount("/run", "tmpfs", inert, "mode=0755,size=1m"),
	})
}

func mount(target, fs string, flags uintptr, data string) func() error {
	return sys.Step("mount "+fs+" on "+target, func() error { return unix.Mount(fs, target, fs, flags, data) })
}
