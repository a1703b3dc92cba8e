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
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	return Cannot(errno, "set no_new_privs")
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
	return Cannot(errno, "drop the capabilities")
}

// FilterAllThreads loads a filter on every thread (seccomp(2),
// SECCOMP_FILTER_FLAG_TSYNC). no_new_privs must be set.
func FilterAllThreads(filter []unix.SockFilter) error {
	return loadFilter(filter, unix.SECCOMP_FILTER_FLAG_TSYNC)
}

// loadFilter takes at least one instruction, and no more than the kernel does: the
// decoder has refused any other filter.
func loadFilter(filter []unix.SockFilter, flags uintptr) error {
	fprog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	// unsafe: the kernel copies the program before the call returns.
	thread, _, errno := unix.RawSyscall(unix.SYS_SECCOMP,
		unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return fmt.Errorf("cannot load the seccomp filter: %w", errno)
	}
	if thread != 0 {
		return fmt.Errorf("cannot load the seccomp filter on thread %d", thread)
	}
	return nil
}
