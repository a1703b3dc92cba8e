package stage

import (
	"fmt"
	"math"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// forbidPrivileges keeps every later execve(2) from giving any (PR_SET_NO_NEW_PRIVS).
func (s *stage) forbidPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot set no_new_privs: %w", err)
	}
	return nil
}

// restrictAccess binds the thread to the room's Landlock ruleset.
func (s *stage) restrictAccess() error {
	rules, err := sys.NewRuleset(s.HandledFS(), s.HandledNet(), s.Scoped())
	if err != nil {
		return err
	}
	for i := range s.Paths().Len() {
		path, access := s.Paths().At(i)
		if err := allowPath(rules, string(path), access); err != nil {
			return fmt.Errorf("cannot grant 0x%x beneath %s: %w", access, path, err)
		}
	}
	for i := range s.Ports().Len() {
		p := s.Ports().At(i)
		if err := rules.AllowPort(p.Port, p.Access); err != nil {
			return fmt.Errorf("cannot grant 0x%x on TCP port %d: %w", p.Access, p.Port, err)
		}
	}
	return rules.Enforce()
}

func allowPath(rules sys.Ruleset, path string, access uint64) error {
	fd, err := open(unix.AT_FDCWD, path, unix.O_PATH, unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return rules.AllowPath(fd, access)
}

// arrangeDescriptors puts the room's sockets where sd_listen_fds(3) has them, and
// marks every other descriptor but the standard ones to be closed by execve(2)
// (CVE-2024-21626). Each goes to a place before its own, so none is overwritten
// before it was moved.
func (s *stage) arrangeDescriptors() error {
	n := s.Sockets().Len()
	control, err := unix.FcntlInt(uintptr(s.control), unix.F_DUPFD_CLOEXEC, firstFD+n)
	if err != nil {
		return fmt.Errorf("cannot move the stage's socket: %w", err)
	}
	s.control = control
	for i := range n {
		if err := unix.Dup3(firstFD+i, listenFD+i, 0); err != nil {
			return fmt.Errorf("cannot move socket %s: %w", s.Sockets().At(i).Name(), err)
		}
	}
	if err := unix.CloseRange(uint(listenFD+n), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("cannot mark the descriptors to be closed: %w", err)
	}
	return nil
}
