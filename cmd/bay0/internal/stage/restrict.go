package stage

import (
	"fmt"
	"math"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// restrictAccess binds the thread to the room's Landlock ruleset.
func (s *stage) restrictAccess() error {
	rules, err := sys.NewRuleset(s.HandledFS(), s.HandledNet(), s.Scoped())
	if err != nil {
		return err
	}
	for i := range s.Paths().Len() {
		path, access := s.Paths().At(i)
		if err := rules.AllowPath(string(path), access); err != nil {
			return err
		}
	}
	for i := range s.Ports().Len() {
		p := s.Ports().At(i)
		if err := rules.AllowPort(p.Port, p.Access); err != nil {
			return err
		}
	}
	return rules.Enforce()
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
