// Package sys holds the system calls for which golang.org/x/sys/unix has no
// wrapper. It is the only package of Bay0 with unsafe code, which stands in
// files named *_unsafe.go, each use with its reason.
package sys

import (
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// Instructions are a policy's filter as the kernel reads it (struct sock_filter).
func Instructions(f blob.Filter) []unix.SockFilter {
	all := make([]unix.SockFilter, f.Len())
	for i := range all {
		n := f.At(i)
		all[i] = unix.SockFilter{Code: n.Op, Jt: n.Jt, Jf: n.Jf, K: n.K}
	}
	return all
}

// IsSocket reports whether descriptor fd is open and a socket.
func IsSocket(fd int) bool {
	var st unix.Stat_t
	return unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK
}

// DrainConsole waits until what was written to a terminal has left it: a reset
// would lose the line that gives its reason.
func DrainConsole(fd int) {
	_ = unix.IoctlSetInt(fd, unix.TCSBRK, 1) // tcdrain(3); there is nobody to tell of a failure
}
