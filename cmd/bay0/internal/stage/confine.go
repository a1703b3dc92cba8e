package stage

import (
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// joinCgroup moves the process below its room's limits, before it does anything
// that could use up what they are there for, and makes that cgroup the top of what
// the room sees (cgroup_namespaces(7)).
func joinCgroup() error {
	return sys.InOrder([]func() error{
		sys.Step("join the cgroup", func() error {
			_, err := unix.Write(CgroupFD, []byte("0"))
			return err
		}),
		sys.Step("make the cgroup namespace", func() error { return unix.Unshare(unix.CLONE_NEWCGROUP) }),
	})
}

// prepare lays out the program, its arguments and its filter.
func (s *stage) prepare() (err error) {
	// The room's own /proc will be read-only, and killing order is the machine's.
	if err := os.WriteFile("/proc/self/oom_score_adj", strconv.AppendInt(nil, int64(s.OOMScoreAdj()), 10), 0); err != nil {
		return fmt.Errorf("cannot set oom_score_adj: %w", err)
	}
	s.program, err = sys.NewProgram(words(s.Argv()), words(s.Environment()), sys.Instructions(s.Filter()))
	return err
}

func words(w blob.Words) []string {
	all := make([]string, w.Len())
	for i := range all {
		all[i] = string(w.At(i))
	}
	return all
}

// limit sets what belongs to the process: session, name and limits.
func (s *stage) limit() error {
	unix.Umask(0o077)
	for i := range s.Rlimits().Len() {
		l := s.Rlimits().At(i)
		if err := unix.Setrlimit(int(l.Resource), &unix.Rlimit{Cur: l.Soft, Max: l.Hard}); err != nil {
			return sys.Cannot(err, "set resource limit %d", l.Resource)
		}
	}
	if err := unix.Sethostname(s.Hostname()); err != nil {
		return sys.Cannot(err, "set the hostname")
	}
	// A session of its own has no terminal to push characters into (CVE-2017-5226).
	_, err := unix.Setsid()
	return sys.Cannot(err, "start a session")
}

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
	return sys.Cannot(unix.CloseRange(uint(listenFD+n), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC), "mark the descriptors to be closed")
}
