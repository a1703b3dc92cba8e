package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile puts data at path whole or not at all: whoever reads path, at any
// time and after any crash, finds the old file or the new one.
func writeFile(path string, data []byte) error {
	err := wantReplaceable(path)
	if err == nil {
		err = replaceFile(path, data, 0o644) // whatever the umask: the same result everywhere
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, unwrapPath(err))
	}
	return nil
}

// rewriteFile is writeFile for a file that is there, whose permissions it keeps.
func rewriteFile(path string, data []byte) error {
	err := wantReplaceable(path)
	if err == nil {
		var info fs.FileInfo
		if info, err = os.Stat(path); err == nil {
			err = replaceFile(path, data, info.Mode().Perm())
		}
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, unwrapPath(err))
	}
	return nil
}

// wantReplaceable refuses what a rename would destroy: a device, a pipe, a link.
func wantReplaceable(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwrapPath(err)
	case !info.Mode().IsRegular():
		return errors.New("it is there and no regular file")
	}
	return nil
}

func replaceFile(path string, data []byte, mode fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDirectory(dir)
}

// syncDirectory makes a rename in dir last (fsync(2), NOTES).
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
