// Package efivar reads and writes the firmware's variables (UEFI specification,
// 8.2; kernel: Documentation/filesystems/efivarfs.rst).
package efivar

import (
	"io"
	"io/fs"
	"os"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// Global ends the name of a variable that the specification defines (3.3).
const Global = "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

// Before the value of a variable stand its attributes. Those of Bay0's own are
// NON_VOLATILE, BOOTSERVICE_ACCESS and RUNTIME_ACCESS.
const (
	header = 4
	ours   = 7
)

// Dir is the directory of all variables. A nil Dir has none.
type Dir struct {
	dir  *os.File
	thaw func(fd int) error
}

// Mount opens the variables. The mount is attached nowhere: it needs no directory,
// and nobody who looks for it finds it.
func Mount() (*Dir, error) {
	const inert = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	dir, err := sys.MakeMount("efivarfs", inert)
	if err != nil {
		return nil, sys.Cannot(err, "open the firmware's variables") // EOPNOTSUPP: there are none (kernel: fs/efivarfs/super.c)
	}
	return In(os.NewFile(uintptr(dir), "efivarfs"), thaw), nil
}

// In is what dir holds, be it of the firmware or not. thaw makes an open variable
// one that may be written.
func In(dir *os.File, thaw func(fd int) error) *Dir { return &Dir{dir, thaw} }

// thaw clears the immutable flag, which the kernel sets on every variable that it
// does not know, lest somebody remove what the firmware cannot start without. It
// takes CAP_LINUX_IMMUTABLE.
func thaw(fd int) error {
	const immutable = 0x10 // FS_IMMUTABLE_FL (kernel: include/uapi/linux/fs.h)
	flags, err := unix.IoctlGetUint32(fd, unix.FS_IOC_GETFLAGS)
	if err != nil {
		return err
	}
	return unix.IoctlSetPointerInt(fd, unix.FS_IOC_SETFLAGS, int(flags&^immutable))
}

// Read is a variable's value. Of one that is not there, or was opened to be written
// and never was, the error is fs.ErrNotExist.
func (d *Dir) Read(name string) ([]byte, error) {
	f, err := d.open(name, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err == nil && len(b) < header {
		err = &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return b[min(header, len(b)):], err
}

// Open opens a variable to be written, once, by Write. It stays open to that when
// the process may open and thaw nothing any more: the kernel looks at permissions
// and flags when a variable is opened, and never again (kernel:
// fs/efivarfs/file.c). One that is not there comes to be when it is written.
func (d *Dir) Open(name string) (*os.File, error) {
	if f, err := d.open(name, unix.O_RDONLY); err == nil {
		err = d.thaw(int(f.Fd()))
		f.Close()
		if err != nil {
			return nil, &fs.PathError{Op: "thaw", Path: name, Err: err}
		}
	}
	return d.open(name, unix.O_WRONLY|unix.O_CREAT)
}

// Write gives an open variable its value, in one call, which the kernel passes on
// to the firmware.
func Write(f *os.File, value []byte) error {
	_, err := f.Write(append([]byte{ours, 0, 0, 0}, value...))
	return err
}

// Set gives a variable its value.
func (d *Dir) Set(name string, value []byte) error {
	f, err := d.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return Write(f, value)
}

func (d *Dir) open(name string, flags int) (*os.File, error) {
	if d == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	fd, err := unix.Openat(int(d.dir.Fd()), name, flags|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}
