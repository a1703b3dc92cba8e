// Package sample enforces something in each of the ways that Bay0 does.
package sample

import (
	"errors"
	"fmt"
	"os"

	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

const inert = unix.MS_NOSUID | unix.MS_NODEV

func calls(file string, value []byte) error {
	if err := os.WriteFile(file, value, 0); err != nil {
		return err
	}
	if _, err := unix.Setsid(); err != nil {
		return fmt.Errorf("cannot start a session: %w", err)
	}
	unix.Umask(0o077)
	defer unix.Close(0)
	return os.Chmod(file, 0o600)
}

func raw() error {
	if _, _, errno := unix.RawSyscall(unix.SYS_PRCTL, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

func weak(root int, m blob.Mount) (int, error) {
	if err := unix.Mount("a", "b", "tmpfs", inert, "mode=0755"); err != nil {
		return -1, err
	}
	return unix.Openat(root, "x", unix.O_PATH|unix.O_CLOEXEC, 0)
}

func limits(r blob.Room) error {
	for i := range r.Rlimits().Len() {
		l := r.Rlimits().At(i)
		if err := unix.Setrlimit(int(l.Resource), &unix.Rlimit{Cur: l.Soft, Max: l.Hard}); err != nil {
			return err
		}
	}
	return unix.Setuid(int(r.UID()))
}

func refusals(n int, b []byte, err error) error {
	if n > 1 {
		return fmt.Errorf("cannot accept %d", n)
	}
	switch {
	case len(b) == 0:
		return errors.New("it is empty")
	case err != nil:
		return err
	}
	return nil
}

func steps() []func() error {
	return []func() error{
		raw,
		func() error { return unix.Chdir("/") },
	}
}

func answers(b []byte) bool { return len(b) == 1 && b[0] == 1 }

func endless() error {
	for c := uintptr(0); ; c++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil {
			return err
		}
	}
}
