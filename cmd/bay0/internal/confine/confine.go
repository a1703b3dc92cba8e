// Package confine has the governor give up what it no longer needs once somebody
// else starts the rooms.
package confine

import (
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// kept is what the governor does to others: end processes of other users, and
// end the machine.
const kept = 1<<unix.CAP_KILL | 1<<unix.CAP_SYS_BOOT

// Governor confines the whole process, for good: no program that it executes has
// more than it; of files it opens none to write to but the cgroups', since the
// user root owns all others too; it has two capabilities; and it makes those
// system calls that the policy lists for it, of which none opens a socket.
func Governor(v *blob.View) error {
	return sys.InOrder([]func() error{
		sys.ForbidPrivileges,
		restrictAccess,
		func() error { return sys.KeepCapabilities(kept) },
		func() error { return sys.FilterAllThreads(sys.Instructions(v.Filter())) },
	})
}

// Rights in files (landlock(7)): what is open already, such as the log and the
// watchdog, is not concerned.
const (
	reads  = unix.LANDLOCK_ACCESS_FS_READ_FILE
	writes = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

func restrictAccess() error {
	rules, err := sys.NewRuleset(abi.LandlockFS, abi.LandlockNet, unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET)
	if err != nil {
		return err
	}
	return sys.InOrder([]func() error{
		func() error { return rules.AllowPath("/proc", reads) }, // and not beneath /dev, where the disks are
		func() error { return rules.AllowPath("/sys", reads) },
		func() error { return rules.AllowPath("/sys/fs/cgroup", writes) },
		rules.EnforceAllThreads,
	})
}
