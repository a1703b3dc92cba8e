package probe

import (
	"fmt"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

var modes = map[string]int{"r": unix.O_RDONLY, "w": unix.O_WRONLY, "rw": unix.O_RDWR}

func makeLink(path string) error {
	err := unix.Symlink("nowhere", path)
	if err == nil {
		unix.Unlink(path)
	}
	return err
}

// moveInto makes a file and a directory in dir, and moves the one into the other.
func moveInto(dir string) error {
	file, into := path.Join(dir, "moves"), path.Join(dir, "takes")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	defer os.Remove(file)
	if err := os.Mkdir(into, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(into)
	return os.Rename(file, path.Join(into, "moved"))
}

func truncate(path string) error {
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		return err
	}
	defer os.Remove(path)
	return unix.Truncate(path, 0)
}

func bindPath(path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return err
	}
	return os.Remove(path)
}

func hasContent(path, want string) error {
	found, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return equal(string(found), want)
}

// hasFlags wants the mount at path to have these of the flags in mask, and no others.
func hasFlags(path string, want int64) error {
	const mask = unix.ST_RDONLY | unix.ST_NOSUID | unix.ST_NODEV | unix.ST_NOEXEC
	var found unix.Statfs_t
	if err := unix.Statfs(path, &found); err != nil {
		return err
	}
	return equal(int64(found.Flags)&mask, want)
}

func ioctl(path string, request uintptr) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.IoctlGetInt(fd, uint(request))
	return err
}

// fill takes size bytes of the file system at once.
func fill(dir string, size int64) error {
	file, err := os.CreateTemp(dir, "fill")
	if err != nil {
		return fmt.Errorf("cannot begin: %v", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	return unix.Fallocate(int(file.Fd()), 0, 0, size)
}
