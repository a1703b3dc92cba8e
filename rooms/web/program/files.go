package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const tmpfsSize = 8 << 20

// files is the room's part of the file tree: its image, its tmpfs, its devices, its processes.
func files() []probe {
	return slices.Concat(image(), temporary(), devices(), processes())
}

func image() []probe {
	return []probe{
		granted("image /", "read /bin/web", func() error { return readSome("/bin/web") }),
		granted("image /", "run /bin/web", func() error { return run("nothing") }),

		denied("image /", "devices, set-uid files, writes by its mount", lacksFlags("/", unix.ST_RDONLY|unix.ST_NODEV|unix.ST_NOSUID), errAbsent),
		// The mount is read-only: the kernel finds that out before it asks Landlock.
		denied("image /", "create /probe", create("/probe"), unix.EROFS),
		denied("image /", "create /bin/probe", create("/bin/probe"), unix.EROFS),
		denied("image /", "write to /bin/web", open("/bin/web", unix.O_WRONLY), unix.EROFS),
		denied("image /", "unlink /bin/web", func() error { return unix.Unlink("/bin/web") }, unix.EROFS),
		denied("image /", "mkdir /etc/probe", makeDirectory("/etc/probe"), unix.EROFS),
		denied("image /", "chmod 0777 /bin/web", func() error { return unix.Chmod("/bin/web", 0o777) }, unix.EROFS),
		// /run holds the notify socket alone; it belongs to root.
		denied("image /", "create /run/probe", create("/run/probe"), unix.EROFS, unix.EACCES),

		denied("machine", "read /.passports", open("/.passports", unix.O_RDONLY), unix.ENOENT),
		denied("machine", "read /bin/bay0", open("/bin/bay0", unix.O_RDONLY), unix.ENOENT),
		denied("machine", "read /../../bin/bay0", open("/../../bin/bay0", unix.O_RDONLY), unix.ENOENT),
		denied("machine", "read /sys", open("/sys", unix.O_RDONLY), unix.ENOENT),
		denied("machine", "a mount that is not the room's", foreignMounts, errAbsent),
	}
}

func temporary() []probe {
	return []probe{
		granted("tmpfs /tmp", "write and read back 4096 bytes", writeAndRead),
		granted("tmpfs /tmp", "make, rename and remove a directory", makeRenameRemove),

		denied("tmpfs /tmp", "devices, set-uid files, execution by its mount", lacksFlags("/tmp", unix.ST_NODEV|unix.ST_NOSUID|unix.ST_NOEXEC), errAbsent),
		denied("tmpfs /tmp", "write more than 8 MiB", overfill, unix.ENOSPC),
		// The mount is noexec; Landlock, asked later, would say the same.
		denied("tmpfs /tmp", "run a file", runFile, unix.EACCES),
		// Seccomp: a service makes no devices.
		denied("tmpfs /tmp", "mknod a device", makeDevice, unix.EPERM),
		denied("tmpfs /tmp", "chown a file to root", chownToRoot, unix.EPERM),
	}
}

func devices() []probe {
	return []probe{
		granted("device null", "swallows what is written", func() error { return os.WriteFile("/dev/null", []byte("x"), 0) }),
		granted("device zero", "reads as zeros", readZeros),
		granted("device full", "is full", isFull),
		granted("device random", "16 bytes", func() error { return readSome("/dev/random") }),
		granted("device urandom", "16 bytes", func() error { return readSome("/dev/urandom") }),

		denied("devices", "open /dev/kmsg", open("/dev/kmsg", unix.O_RDONLY), unix.ENOENT),
		denied("devices", "open /dev/console", open("/dev/console", unix.O_RDWR), unix.ENOENT),
		denied("devices", "open /dev/tty", open("/dev/tty", unix.O_RDWR), unix.ENOENT),
		denied("devices", "open /dev/watchdog", open("/dev/watchdog", unix.O_WRONLY), unix.ENOENT),
		denied("devices", "open /dev/vda", open("/dev/vda", unix.O_RDONLY), unix.ENOENT),
		denied("devices", "open /dev/loop0", open("/dev/loop0", unix.O_RDONLY), unix.ENOENT),
		// The directory is root's; where its mount is read-only too, that is found first.
		denied("devices", "create /dev/probe", create("/dev/probe"), unix.EROFS, unix.EACCES),
	}
}

func processes() []probe {
	return []probe{
		granted("proc", "read /proc/self/status", func() error { return readSome("/proc/self/status") }),

		// subset=pid leaves processes only.
		denied("proc", "read /proc/sys/kernel/hostname", open("/proc/sys/kernel/hostname", unix.O_RDONLY), unix.ENOENT),
		denied("proc", "read /proc/cmdline", open("/proc/cmdline", unix.O_RDONLY), unix.ENOENT),
		denied("proc", "read /proc/kallsyms", open("/proc/kallsyms", unix.O_RDONLY), unix.ENOENT),
		denied("proc", "read /proc/sysrq-trigger", open("/proc/sysrq-trigger", unix.O_WRONLY), unix.ENOENT),
		denied("proc", "another process than the room's", foreignProcesses, errAbsent),
	}
}

func open(path string, flags int) func() error {
	return func() error {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

func create(path string) func() error {
	return func() error {
		fd, err := unix.Open(path, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
		if err == nil {
			unix.Close(fd)
			unix.Unlink(path)
		}
		return err
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

func readZeros() error {
	file, err := os.Open("/dev/zero")
	if err != nil {
		return err
	}
	defer file.Close()
	got := bytes.Repeat([]byte("x"), 16)
	if _, err := io.ReadFull(file, got); err != nil {
		return err
	}
	return equal(string(got), string(make([]byte, 16)))
}

func isFull() error {
	file, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write([]byte("x")); err == nil || name(err) != "ENOSPC" {
		return fmt.Errorf("found %v, expected ENOSPC", err)
	}
	return nil
}

func writeAndRead() error {
	want := bytes.Repeat([]byte("anchor."), 4096/7+1)[:4096]
	defer os.Remove("/tmp/data")
	if err := os.WriteFile("/tmp/data", want, 0o600); err != nil {
		return err
	}
	found, err := os.ReadFile("/tmp/data")
	if err == nil && !bytes.Equal(found, want) {
		err = fmt.Errorf("read back something else")
	}
	return err
}

func makeRenameRemove() error {
	if err := os.Mkdir("/tmp/a", 0o700); err != nil {
		return err
	}
	if err := os.Rename("/tmp/a", "/tmp/b"); err != nil {
		return err
	}
	return os.Remove("/tmp/b")
}

// overfill takes nearly all of the tmpfs in one call, and writes until the rest is full too.
func overfill() error {
	file, err := os.Create("/tmp/big")
	if err != nil {
		return err
	}
	defer os.Remove("/tmp/big")
	defer file.Close()
	block := make([]byte, 64<<10)
	size := int64(tmpfsSize - len(block))
	if err := unix.Fallocate(int(file.Fd()), 0, 0, size); err != nil {
		return fmt.Errorf("full already before 8 MiB")
	}
	for size < 2*tmpfsSize {
		n, err := file.WriteAt(block, size)
		if size += int64(n); size > tmpfsSize {
			return fmt.Errorf("it holds %d bytes", size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runFile tries a file that is no program at all: where it could be run, the answer would be ENOEXEC.
func runFile() error {
	defer os.Remove("/tmp/program")
	if err := os.WriteFile("/tmp/program", []byte("\x7fELF"), 0o700); err != nil {
		return err
	}
	return exec.Command("/tmp/program").Run()
}

func makeDevice() error {
	err := unix.Mknod("/tmp/null", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3)))
	unix.Unlink("/tmp/null")
	return err
}

func chownToRoot() error {
	defer os.Remove("/tmp/mine")
	if err := os.WriteFile("/tmp/mine", nil, 0o600); err != nil {
		return err
	}
	return unix.Chown("/tmp/mine", 0, 0)
}

// lacksFlags finds a mount's flags absent where the room's promise is that they are set.
func lacksFlags(path string, want int64) func() error {
	return func() error {
		var found unix.Statfs_t
		if err := unix.Statfs(path, &found); err != nil {
			return err
		}
		if missing := want &^ int64(found.Flags); missing != 0 {
			return fmt.Errorf("mount flags %#x are missing", missing)
		}
		return errAbsent
	}
}

// foreignMounts looks for a mount outside the places that the room is made of.
func foreignMounts() error {
	all, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	var foreign []string
	for line := range strings.Lines(string(all)) {
		point := strings.Fields(line)[4]
		top := strings.SplitN(point, "/", 3)[1]
		if !slices.Contains([]string{"", "proc", "dev", "tmp", "run"}, top) {
			foreign = append(foreign, point)
		}
	}
	return absent(foreign)
}

func foreignProcesses() error {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	var foreign []string
	for _, entry := range entries {
		if n := entry.Name(); strings.Trim(n, "0123456789") == "" && n != "1" {
			foreign = append(foreign, n)
		}
	}
	return absent(foreign)
}
