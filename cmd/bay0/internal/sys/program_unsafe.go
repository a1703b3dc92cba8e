package sys

import (
	"errors"
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
	arguments, err := syscall.SlicePtrFromStrings(argv)
	variables, also := syscall.SlicePtrFromStrings(envp)
	return &Program{arguments, variables, filter}, Cannot(errors.Join(err, also), "pass arguments and environment")
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
	return Cannot(errno, "execute the program")
}
