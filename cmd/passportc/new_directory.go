package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockDirectory waits until no other passportc has the directory locked, and locks it (flock(2)). The lock
// goes with the process at the latest.
func lockDirectory(dir string) (unlock func() error, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", dir, unwrapPath(err))
	}
	for {
		switch err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX); err {
		case nil:
			return d.Close, nil
		case syscall.EINTR:
		default:
			d.Close()
			return nil, fmt.Errorf("cannot lock %s: %w", dir, err)
		}
	}
}

// makeDirectory makes a directory with files, whole or not at all. Until it is whole its name begins with a dot,
// which no room's does.
func makeDirectory(dir string, files map[string][]byte) error {
	parent := filepath.Dir(dir)
	work, err := os.MkdirTemp(parent, ".new-room-*")
	if err != nil {
		return fmt.Errorf("cannot write to %s: %w", parent, unwrapPath(err))
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, filepath.Base(dir))
	for path, text := range files {
		path = filepath.Join(made, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			return err
		}
	}
	return os.Rename(made, dir)
}
