package stage

import (
	"path"

	"golang.org/x/sys/unix"
)

// write makes a small file.
func write(root int, target string, mode uint32, content []byte) error {
	fd, err := create(root, target, mode)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	n, err := unix.Write(fd, content)
	if err == nil && n < len(content) { // one that is nearly full takes a part
		err = unix.ENOSPC
	}
	return err
}

// create makes a new file, and the directory for it if that is all that lacks.
func create(root int, target string, mode uint32) (int, error) {
	dir, err := openDirectory(root, path.Dir(target)) // as a rule it is there
	if err == unix.ENOENT {
		dir, err = makeDirectory(root, path.Dir(target))
	}
	if err != nil {
		return -1, err
	}
	defer unix.Close(dir)
	return unix.Openat(dir, path.Base(target), unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, mode)
}

// makeDirectory makes a directory, and opens it.
func makeDirectory(root int, target string) (int, error) {
	parent, err := openDirectory(root, path.Dir(target))
	if err != nil {
		return -1, err
	}
	defer unix.Close(parent)
	_ = unix.Mkdirat(parent, path.Base(target), 0o755) // or there is nothing to open
	return openDirectory(root, target)
}

func openDirectory(root int, target string) (int, error) {
	return open(root, target, unix.O_PATH|unix.O_DIRECTORY, unix.RESOLVE_IN_ROOT)
}

// open resolves a path without any link that an attacker could have placed, be it a
// magic one (openat2(2)).
func open(dir int, path string, flags, resolve uint64) (int, error) {
	return unix.Openat2(dir, path, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: resolve | unix.RESOLVE_NO_SYMLINKS})
}
