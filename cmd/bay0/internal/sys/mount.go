package sys

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Option is a parameter of a file system, of fsconfig(2)'s FSCONFIG_SET_STRING.
type Option struct{ Key, Value string }

// MakeMount makes a file system, with attributes of MOUNT_ATTR_*, and attaches it
// nowhere. The options go to the kernel one by one: there is no string of them that
// could be split differently.
func MakeMount(fs string, attributes int, options ...Option) (int, error) {
	context, err := unix.Fsopen(fs, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer unix.Close(context)
	for _, o := range options {
		if err := unix.FsconfigSetString(context, o.Key, o.Value); err != nil {
			return -1, fmt.Errorf("option %s=%s: %w", o.Key, o.Value, err)
		}
	}
	if err := unix.FsconfigCreate(context); err != nil {
		return -1, err
	}
	return unix.Fsmount(context, unix.FSMOUNT_CLOEXEC, attributes)
}
