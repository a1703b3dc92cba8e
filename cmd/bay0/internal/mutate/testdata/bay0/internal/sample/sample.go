// Package sample enforces something in each of the ways that Bay0 does.
package sample

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
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

func either(n int, b []byte) error {
	if n != 0 && (n < -1 || n > 1) {
		return errors.New("it is too far")
	}
	if b != nil {
		return nil
	}
	return errors.New("it is nothing")
}

func flags(r blob.Room, m blob.Mount) uint64 {
	namespaces := r.Namespaces() &^ (abi.CloneNewNS | abi.CloneNewCgroup | abi.CloneNewPID)
	if m.Attributes()&abi.MountReadOnly != 0 {
		return 0
	}
	return namespaces
}

func rights(fd int, access uint64) {
	attr := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	port := struct{ allowedAccess, port uint64 }{access, 80}
	set := unix.CapUserData{Inheritable: 0}
	fmt.Print(attr, port, set)
}

func deferred() {
	defer func() {
		if err := unix.Setns(3, 0); err != nil {
			panic(err)
		}
	}()
}

func phases() []any {
	type phase struct {
		name string
		run  func() error
	}
	return []any{phase{name: "raw", run: raw}, phase{name: "number", run: nil}}
}

func begins(s string) bool { return strings.HasPrefix(s, "x") }

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
