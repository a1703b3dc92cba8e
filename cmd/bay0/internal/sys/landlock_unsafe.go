package sys

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ruleNetPort is LANDLOCK_RULE_NET_PORT (include/uapi/linux/landlock.h), which
// x/sys lacks.
const ruleNetPort = 2

// LandlockABI is the kernel's Landlock ABI, 1 or more
// (landlock_create_ruleset(2), LANDLOCK_CREATE_RULESET_VERSION).
func LandlockABI() (int, error) {
	n, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	return int(n), Cannot(errno, "ask for the Landlock ABI")
}

// Ruleset is a Landlock ruleset under construction.
type Ruleset struct{ fd int }

// NewRuleset makes a ruleset that denies every right it handles.
func NewRuleset(fs, net, scoped uint64) (Ruleset, error) {
	attr := unix.LandlockRulesetAttr{Access_fs: fs, Access_net: net, Scoped: scoped}
	// unsafe: the kernel reads attr, which lives until the call returns.
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET,
		uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	return Ruleset{int(fd)}, Cannot(errno, "make a Landlock ruleset")
}

// AllowPath grants access beneath a file or directory, to which no symbolic link
// leads.
func (r Ruleset) AllowPath(path string, access uint64) error {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &how)
	if err == nil {
		defer unix.Close(fd)
		attr := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
		// unsafe: as above; the kernel's structure is packed to 12 bytes, and Go's has
		// the same layout with padding behind that is not read.
		err = r.add(unix.LANDLOCK_RULE_PATH_BENEATH, unsafe.Pointer(&attr))
	}
	return Cannot(err, "grant 0x%x beneath %s", access, path)
}

// AllowPort grants access on one TCP port.
func (r Ruleset) AllowPort(port uint16, access uint64) error {
	attr := struct{ allowedAccess, port uint64 }{access, uint64(port)} // struct landlock_net_port_attr
	// unsafe: as above.
	return Cannot(r.add(ruleNetPort, unsafe.Pointer(&attr)), "grant 0x%x on TCP port %d", access, port)
}

func (r Ruleset) add(kind uintptr, attr unsafe.Pointer) error {
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(r.fd), kind, uintptr(attr), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// EnforceAllThreads binds every thread of the process to the ruleset. Each gets a
// domain of its own with the same rules: the kernel has no call for all of them
// before ABI 8.
func (r Ruleset) EnforceAllThreads() error {
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(r.fd), 0, 0)
	return errors.Join(Cannot(errno, "enforce the Landlock ruleset"), unix.Close(r.fd))
}

// Enforce binds the calling thread and what it executes to the ruleset, for good.
func (r Ruleset) Enforce() error {
	_, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(r.fd), 0, 0)
	return Cannot(errno, "enforce the Landlock ruleset")
}
