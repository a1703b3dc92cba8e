package sys

import (
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
	path   *byte
	argv   []*byte // NULL-terminated
	envp   []*byte
	filter []unix.SockFilter
}

// NewProgram refuses an empty filter: it must never mean "no filter".
func NewProgram(argv, envp []string, filter []unix.SockFilter) (*Program, error) {
	if len(argv) == 0 || len(filter) == 0 {
		return nil, fmt.Errorf("cannot run a program without arguments or filter")
	}
	p := &Program{filter: filter}
	var err error
	if p.path, err = unix.BytePtrFromString(argv[0]); err != nil {
		return nil, fmt.Errorf("cannot run %q: %w", argv[0], err)
	}
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
	fprog := unix.SockFprog{Len: uint16(len(p.filter)), Filter: &p.filter[0]}
	// unsafe: the kernel copies the program; fprog and p live until it has.
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP,
		unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return fmt.Errorf("cannot load the seccomp filter: %w", errno)
	}
	// unsafe: NUL- and NULL-terminated by construction, kept alive by p.
	_, _, errno = unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(p.path)),
		uintptr(unsafe.Pointer(&p.argv[0])), uintptr(unsafe.Pointer(&p.envp[0])))
	runtime.KeepAlive(p)
	return fmt.Errorf("cannot execute the program: %w", errno)
}
