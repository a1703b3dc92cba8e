package stage

import (
	"fmt"
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
		sys.Step("close the cgroup", func() error { return unix.Close(CgroupFD) }),
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
	// A session of its own has no terminal to push characters into (CVE-2017-5226).
	if _, err := unix.Setsid(); err != nil {
		return fmt.Errorf("cannot start a session: %w", err)
	}
	if err := unix.Sethostname(s.Hostname()); err != nil {
		return fmt.Errorf("cannot set the hostname: %w", err)
	}
	unix.Umask(0o077)
	for i := range s.Rlimits().Len() {
		l := s.Rlimits().At(i)
		if err := unix.Setrlimit(int(l.Resource), &unix.Rlimit{Cur: l.Soft, Max: l.Hard}); err != nil {
			return fmt.Errorf("cannot set resource limit %d: %w", l.Resource, err)
		}
	}
	return nil
}
