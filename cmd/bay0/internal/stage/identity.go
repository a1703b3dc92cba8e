package stage

import (
	"fmt"
	"math/bits"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// becomeUser becomes the room's user and gives up every capability that the policy
// does not grant, now and through any later execve(2) (capabilities(7)).
func (s *stage) becomeUser() error {
	return sys.InOrder([]func() error{s.boundCapabilities, s.setIDs, s.keepCapabilities})
}

// boundCapabilities leaves the bounding set with what is granted.
func (s *stage) boundCapabilities() error {
	for c := uintptr(0); ; c++ {
		if c < 32 && s.Capabilities()&(1<<c) != 0 {
			continue
		}
		err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		if err == unix.EINVAL && c > unix.CAP_CHECKPOINT_RESTORE {
			return nil // one past the kernel's last capability
		}
		if err != nil {
			return fmt.Errorf("cannot drop capability %d from the bounding set: %w", c, err)
		}
	}
}

// setIDs leaves root. What is permitted outlives that only if it is said so before;
// execve(2) forgets that it was.
func (s *stage) setIDs() error {
	groups := make([]int, s.Groups().Len())
	for i := range groups {
		groups[i] = int(s.Groups().At(i))
	}
	return sys.InOrder([]func() error{
		sys.Step("keep the capabilities", func() error { return unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0) }),
		sys.Step("set the groups", func() error { return unix.Setgroups(groups) }),
		func() error { return become("group", unix.SYS_SETRESGID, s.GID()) },
		func() error { return become("user", unix.SYS_SETRESUID, s.UID()) },
	})
}

// become changes the real, effective and saved number of this thread alone, the one
// that execve(2) leaves. unix.Setresuid would stop all threads, for each of them.
func become(what string, call uintptr, id uint32) error {
	n := uintptr(id)
	_, _, errno := unix.RawSyscall(call, n, n, n)
	return sys.Cannot(errno, "become %s %d", what, id)
}

// keepCapabilities sets what is granted in every set, so that the program has it
// though its user is not root, and nothing else in any, the inheritable one included
// (CVE-2022-29162).
func (s *stage) keepCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	granted := s.Capabilities()
	sets := [2]unix.CapUserData{{Effective: granted, Permitted: granted, Inheritable: granted}}
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return fmt.Errorf("cannot set the capabilities: %w", err)
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot clear the ambient capabilities: %w", err)
	}
	for rest := granted; rest != 0; rest &= rest - 1 {
		c := uintptr(bits.TrailingZeros32(rest))
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, c, 0, 0); err != nil {
			return fmt.Errorf("cannot make capability %d ambient: %w", c, err)
		}
	}
	return nil
}
