package sys

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Program is a program with its seccomp filter, laid out as the kernel reads it.
// All that has to be copied is copied by NewProgram, because under the filter
// there are no calls left but those that the room's policy allows.
type Program struct {
	argv   []*byte // NULL-terminated; the first is the program's path too
	envp   []*byte
	filter []unix.SockFilter
}

// NewProgram takes at least one argument, which every room has.
func NewProgram(argv, envp []string, filter []unix.SockFilter) (*Program, error) {
	p := &Program{filter: filter}
	var err error
	if p.argv, err = syscall.SlicePtrFromStrings(argv); err != nil {
		return nil, fmt.Errorf("cannot pass arguments: %w", err)
	}
	if p.envp, err = syscall.SlicePtrFromStrings(envp); err != nil {
		return nil, fmt.Errorf("cannot pass the environment: %w", err)
	}
	return p, nil
}

// Exec loads the filter on the calling thread, whose no_new_privs must be set,
// and replaces the process. It returns only if that failed. execve(2) is called
// here and not through package syscall, which would first put back the limit on
// open files that Go found at start.
func (p *Program) Exec() error {
	if err := loadFilter(p.filter, 0); err != nil {
		return err
	}
	// unsafe: NUL- and NULL-terminated by construction, kept alive by p.
	_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(p.argv[0])),
		uintptr(unsafe.Pointer(&p.argv[0])), uintptr(unsafe.Pointer(&p.envp[0])))
	runtime.KeepAlive(p)
	return fmt.Errorf("cannot execute the program: %w", errno)
}

// FilterAllThreads loads a filter on every thread (seccomp(2),
// SECCOMP_FILTER_FLAG_TSYNC). no_new_privs must be set.
func FilterAllThreads(filter []unix.SockFilter) error {
	return loadFilter(filter, unix.SECCOMP_FILTER_FLAG_TSYNC)
}

// loadFilter refuses an empty filter: it must never mean "no filter".
func loadFilter(filter []unix.SockFilter, flags uintptr) error {
	if len(filter) == 0 {
		return errors.New("cannot load an empty seccomp filter")
	}
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
