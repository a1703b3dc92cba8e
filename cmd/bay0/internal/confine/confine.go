// Package confine has the governor give up what it no longer needs once somebody
// else starts the rooms.
package confine

import (
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// kept is what the governor does to others: end processes of other users, and
// end the machine.
const kept = 1<<unix.CAP_KILL | 1<<unix.CAP_SYS_BOOT

// Governor confines the whole process, for good: no program that it executes has
// more than it, it has two capabilities, and it makes those system calls that the
// policy lists for it, of which none opens a socket.
func Governor(v *blob.View) error {
	if err := sys.ForbidPrivileges(); err != nil {
		return err
	}
	if err := sys.KeepCapabilities(kept); err != nil {
		return err
	}
	return sys.FilterAllThreads(sys.Instructions(v.Filter()))
}
