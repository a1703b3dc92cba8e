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

// prepare lays out the program, its arguments and its filter.
func prepare(r blob.Room) (*sys.Program, error) {
	// The room's own /proc will be read-only, and killing order is the machine's.
	if err := os.WriteFile("/proc/self/oom_score_adj", strconv.AppendInt(nil, int64(r.OOMScoreAdj()), 10), 0); err != nil {
		return nil, fmt.Errorf("cannot set oom_score_adj: %w", err)
	}
	filter := make([]unix.SockFilter, r.Filter().Len())
	for i := range filter {
		f := r.Filter().At(i)
		filter[i] = unix.SockFilter{Code: f.Op, Jt: f.Jt, Jf: f.Jf, K: f.K}
	}
	return sys.NewProgram(words(r.Argv()), words(r.Environment()), filter)
}

func words(w blob.Words) []string {
	all := make([]string, w.Len())
	for i := range all {
		all[i] = string(w.At(i))
	}
	return all
}

// limit sets what belongs to the process: session, name and limits.
func limit(r blob.Room) error {
	// A session of its own has no terminal to push characters into (CVE-2017-5226).
	if _, err := unix.Setsid(); err != nil {
		return fmt.Errorf("cannot start a session: %w", err)
	}
	if err := unix.Sethostname(r.Hostname()); err != nil {
		return fmt.Errorf("cannot set the hostname: %w", err)
	}
	unix.Umask(0o077)
	for i := range r.Rlimits().Len() {
		l := r.Rlimits().At(i)
		if err := unix.Setrlimit(int(l.Resource), &unix.Rlimit{Cur: l.Soft, Max: l.Hard}); err != nil {
			return fmt.Errorf("cannot set resource limit %d: %w", l.Resource, err)
		}
	}
	return nil
}

// enterDirectory comes after becomeUser, so that it is the room's user who has to
// be allowed in.
func enterDirectory(r blob.Room) error {
	if err := unix.Chdir(string(r.Directory())); err != nil {
		return fmt.Errorf("cannot enter the working directory: %w", err)
	}
	return nil
}

// becomeUser gives up every capability, now and through any later execve(2), and
// becomes the room's user (capabilities(7)).
func becomeUser(r blob.Room) error {
	for c := uintptr(0); ; c++ {
		err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		if err == unix.EINVAL && c > unix.CAP_CHECKPOINT_RESTORE {
			break // one past the kernel's last capability
		}
		if err != nil {
			return fmt.Errorf("cannot drop capability %d from the bounding set: %w", c, err)
		}
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot clear the ambient capabilities: %w", err)
	}
	if err := unix.Setgroups(nil); err != nil {
		return fmt.Errorf("cannot clear the groups: %w", err)
	}
	uid, gid := int(r.UID()), int(r.GID())
	if err := unix.Setresgid(gid, gid, gid); err != nil {
		return fmt.Errorf("cannot become group %d: %w", gid, err)
	}
	if err := unix.Setresuid(uid, uid, uid); err != nil {
		return fmt.Errorf("cannot become user %d: %w", uid, err)
	}
	// Inheritable too: CVE-2022-29162.
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("cannot clear the capabilities: %w", err)
	}
	return nil
}

// restrict forbids new privileges, binds the thread to the room's Landlock
// ruleset and marks every descriptor but the standard ones to be closed by
// execve(2) (CVE-2024-21626).
func restrict(r blob.Room) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot set no_new_privs: %w", err)
	}
	rules, err := sys.NewRuleset(r.HandledFS(), r.HandledNet(), r.Scoped())
	if err != nil {
		return err
	}
	for i := range r.Paths().Len() {
		path, access := r.Paths().At(i)
		if err := allow(rules, string(path), access); err != nil {
			return fmt.Errorf("cannot grant 0x%x beneath %s: %w", access, path, err)
		}
	}
	if err := rules.Enforce(); err != nil {
		return err
	}
	if err := unix.CloseRange(SocketFD, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("cannot mark the descriptors to be closed: %w", err)
	}
	return nil
}

func allow(rules sys.Ruleset, path string, access uint64) error {
	fd, err := open(unix.AT_FDCWD, path, unix.O_PATH, unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return rules.Allow(fd, access)
}
