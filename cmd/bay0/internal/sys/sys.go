// Package sys holds the system calls for which golang.org/x/sys/unix has no
// wrapper, or that go together. It is the only package of Bay0 with unsafe code, which stands in
// files named *_unsafe.go, each use with its reason.
package sys

import (
	"fmt"

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

// MakeMount makes a file system, with attributes of MOUNT_ATTR_*, and attaches it
// nowhere. The options, each a key and a value (fsconfig(2), FSCONFIG_SET_STRING), go to
// the kernel one by one: there is no string of them that could be split differently.
func MakeMount(fs string, attributes int, options ...[2]string) (int, error) {
	context, err := unix.Fsopen(fs, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer unix.Close(context)
	for _, o := range options {
		if err := unix.FsconfigSetString(context, o[0], o[1]); err != nil {
			return -1, fmt.Errorf("option %s=%s: %w", o[0], o[1], err)
		}
	}
	if err := unix.FsconfigCreate(context); err != nil {
		return -1, err
	}
	return unix.Fsmount(context, unix.FSMOUNT_CLOEXEC, attributes)
}
