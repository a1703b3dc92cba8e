package probe

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// image is the room's root, which is read-only.
func (r Room) image() []Probe {
	program := r.Exec[0]
	return []Probe{
		Grant("image /", "read "+program, func() error { return readSome(program) }),

		Deny("image /", "devices, set-uid files, writes by its mount", LacksFlags("/", unix.ST_RDONLY|unix.ST_NODEV|unix.ST_NOSUID), ErrAbsent),
		// The mount is read-only: the kernel finds that out before it asks Landlock.
		Deny("image /", "create /probe", Create("/probe"), unix.EROFS),
		Deny("image /", "create /bin/probe", Create("/bin/probe"), unix.EROFS),
		Deny("image /", "write to "+program, Open(program, unix.O_WRONLY), unix.EROFS),
		Deny("image /", "unlink "+program, func() error { return unix.Unlink(program) }, unix.EROFS),
		Deny("image /", "mkdir /etc/probe", makeDirectory("/etc/probe"), unix.EROFS),
		Deny("image /", "chmod 0777 "+program, func() error { return unix.Chmod(program, 0o777) }, unix.EROFS),
		// /run holds what Bay0 put there; it belongs to root.
		Deny("image /", "create /run/probe", Create("/run/probe"), unix.EROFS, unix.EACCES),
	}
}

// machine is what lies around the room.
func (r Room) machine() []Probe {
	return []Probe{
		Deny("machine", "read /.passports", Open("/.passports", unix.O_RDONLY), unix.ENOENT),
		Deny("machine", "read /bin/bay0", Open("/bin/bay0", unix.O_RDONLY), unix.ENOENT),
		Deny("machine", "read /../../bin/bay0", Open("/../../bin/bay0", unix.O_RDONLY), unix.ENOENT),
		Deny("machine", "read /sys", Open("/sys", unix.O_RDONLY), unix.ENOENT),
		Deny("machine", "a mount that is not the room's", r.foreignMounts, ErrAbsent),
	}
}

func (r Room) temporary() []Probe {
	if r.Tmpfs.Path == "" {
		return nil
	}
	thing, at := "tmpfs "+r.Tmpfs.Path, func(name string) string { return path.Join(r.Tmpfs.Path, name) }
	return []Probe{
		Grant(thing, "write and read back 4096 bytes", func() error { return writeAndRead(at("data")) }),
		Grant(thing, "make, rename and remove a directory", func() error { return makeRenameRemove(at("a"), at("b")) }),

		Deny(thing, "devices, set-uid files, execution by its mount", LacksFlags(r.Tmpfs.Path, Inert), ErrAbsent),
		Deny(thing, "run a file", RunFile(at("program")), unix.EACCES),
		Deny(thing, "mknod a device", MakeDevice(at("null")), unix.EPERM),
		Deny(thing, "chown a file to root", ChownToRoot(at("mine")), unix.EPERM),
	}
}

// overfill tries the end of the room's tmpfs.
func (r Room) overfill() []Probe {
	if r.Tmpfs.Path == "" {
		return nil
	}
	return []Probe{Deny("tmpfs "+r.Tmpfs.Path, fmt.Sprintf("write more than %d MiB", r.Tmpfs.Size>>20),
		func() error { return overfill(path.Join(r.Tmpfs.Path, "big"), int64(r.Tmpfs.Size)) }, unix.ENOSPC)}
}

// Inert is what every file system of a room but its image is mounted with.
const Inert = unix.ST_NODEV | unix.ST_NOSUID | unix.ST_NOEXEC

// Open opens a file that is there, and closes it.
func Open(path string, flags int) func() error {
	return func() error {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

// Create makes a file that is not there yet, and removes it.
func Create(path string) func() error {
	return func() error {
		fd, err := unix.Open(path, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
		if err == nil {
			unix.Close(fd)
			unix.Unlink(path)
		}
		return err
	}
}

// RunFile tries a file that is no program at all: where it could be run, the answer would be ENOEXEC, and
// this program goes on in any case. On a mount that is noexec it is EACCES; Landlock, asked later, would say
// the same.
func RunFile(path string) func() error {
	return func() error {
		defer os.Remove(path)
		if err := os.WriteFile(path, []byte("\x7fELF"), 0o700); err != nil {
			return err
		}
		return unix.Exec(path, []string{path}, nil)
	}
}

// MakeDevice makes /dev/null elsewhere. Seccomp forbids it: a service makes no devices.
func MakeDevice(path string) func() error {
	return func() error {
		err := unix.Mknod(path, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3)))
		unix.Unlink(path)
		return err
	}
}

// ChownToRoot gives a file of the room away.
func ChownToRoot(path string) func() error {
	return func() error {
		defer os.Remove(path)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		return unix.Chown(path, 0, 0)
	}
}

// LacksFlags finds a mount's flags absent where the room's promise is that they are set. The flags are
// ST_*, as statfs(2) has them.
func LacksFlags(path string, want int64) func() error {
	return func() error {
		var found unix.Statfs_t
		if err := unix.Statfs(path, &found); err != nil {
			return err
		}
		if missing := want &^ int64(found.Flags); missing != 0 {
			return fmt.Errorf("mount flags %#x are missing", missing)
		}
		return ErrAbsent
	}
}

func makeDirectory(path string) func() error {
	return func() error {
		err := unix.Mkdir(path, 0o700)
		if err == nil {
			unix.Rmdir(path)
		}
		return err
	}
}

func readSome(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.ReadFull(file, make([]byte, 16))
	return err
}

func writeAndRead(path string) error {
	want := bytes.Repeat([]byte("anchor."), 4096/7+1)[:4096]
	defer os.Remove(path)
	if err := os.WriteFile(path, want, 0o600); err != nil {
		return err
	}
	found, err := os.ReadFile(path)
	if err == nil && !bytes.Equal(found, want) {
		err = fmt.Errorf("read back something else")
	}
	return err
}

func makeRenameRemove(from, to string) error {
	if err := os.Mkdir(from, 0o700); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return os.Remove(to)
}

// overfill takes nearly all of a file system in one call, and writes until the rest is full too.
func overfill(path string, capacity int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	defer file.Close()
	block := make([]byte, 64<<10)
	size := capacity - int64(len(block))
	if err := unix.Fallocate(int(file.Fd()), 0, 0, size); err != nil {
		return fmt.Errorf("full already before %d bytes", size)
	}
	for size < 2*capacity {
		n, err := file.WriteAt(block, size)
		if size += int64(n); size > capacity {
			return fmt.Errorf("it holds %d bytes", size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// foreignMounts looks for a mount outside the places that the room is made of.
func (r Room) foreignMounts() error {
	all, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	var foreign []string
	for line := range strings.Lines(string(all)) {
		point := strings.Fields(line)[4]
		top := strings.SplitN(point, "/", 3)[1]
		if !slices.Contains([]string{"", "proc", "dev", "run"}, top) && !slices.Contains(r.Mounts, point) {
			foreign = append(foreign, point)
		}
	}
	return absent(foreign)
}
