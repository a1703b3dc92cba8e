package sys

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What a process may do belongs to each of its threads. The runtime makes the same
// call on all of them while none runs anything else, and threads made later inherit
// (syscall.AllThreadsSyscall).

// ForbidPrivileges sets no_new_privs on every thread.
func ForbidPrivileges() error {
	if _, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("cannot set no_new_privs: %w", errno)
	}
	return nil
}

// secureBits are SECBIT_NOROOT and SECBIT_NOROOT_LOCKED
// (include/uapi/linux/securebits.h), which x/sys lacks.
const secureBits = 1<<0 | 1<<1

// KeepCapabilities leaves every thread with the capabilities of keep alone, a set
// of 1 << CAP_*, and with none to gain or to pass on: a program that root executes
// has none either (capabilities(7), SECBIT_NOROOT). That does in one call what
// dropping the bounding set takes forty for, each of which stops the process.
func KeepCapabilities(keep uint32) error {
	if _, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_SECUREBITS, secureBits, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("cannot set the secure bits: %w", errno)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	data := [2]unix.CapUserData{{Effective: keep, Permitted: keep}}
	// unsafe: the kernel reads both, on one thread after the other, before the call
	// returns. What is not inheritable is not ambient either.
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET,
		uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&data[0])), 0)
	if errno != 0 {
		return fmt.Errorf("cannot drop the capabilities: %w", errno)
	}
	return nil
}
