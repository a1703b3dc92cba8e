package stage

import (
	"fmt"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// enterRoot builds the room's root from the image and the policy's mounts, all
// by descriptor, and leaves the machine's behind.
func (s *stage) enterRoot() error {
	// From here on nothing that is mounted reaches the machine, or comes from it.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("cannot make the mounts private: %w", err)
	}
	root, err := s.attachImage()
	if err != nil {
		return err
	}
	defer unix.Close(root)
	if err := s.fill(root); err != nil {
		return err
	}
	return pivot(root)
}

// attachImage mounts a copy of the room's image, which the governor verified and
// mounted read-only, and returns its root.
func (s *stage) attachImage() (int, error) {
	root, err := unix.OpenTree(unix.AT_FDCWD, abi.ImageMount(string(s.Name())), unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("cannot copy the image's mount: %w", err)
	}
	return root, sys.Cannot(unix.MoveMount(root, "", unix.AT_FDCWD, abi.RoomRoot, unix.MOVE_MOUNT_F_EMPTY_PATH), "attach the image")
}

// fill mounts and binds what the policy lists. What shall be read-only becomes so
// at the end, when it has been filled.
func (s *stage) fill(root int) error {
	var sealed []int
	for i := range s.Mounts().Len() {
		m := s.Mounts().At(i)
		fd, err := mount(root, m)
		if err != nil {
			return fmt.Errorf("cannot mount %s on %s: %w", m.Type(), m.Target(), err)
		}
		if m.Attributes()&abi.MountReadOnly != 0 {
			sealed = append(sealed, fd)
		}
	}
	for i := range s.Binds().Len() {
		b := s.Binds().At(i)
		if err := bind(root, b); err != nil {
			return fmt.Errorf("cannot bind %s to %s: %w", b.Source(), b.Target(), err)
		}
	}
	for i := range s.Files().Len() {
		target, content := s.Files().At(i)
		if err := write(root, string(target), 0o444, content); err != nil {
			return fmt.Errorf("cannot write %s: %w", target, err)
		}
	}
	for _, fd := range sealed {
		attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
		if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &attr); err != nil {
			return fmt.Errorf("cannot make a mount read-only: %w", err)
		}
	}
	return nil
}

// pivot makes root the root and drops the old one, without a place to put it
// (pivot_root(2), "pivot_root(".", ".")").
func pivot(root int) error {
	return sys.InOrder([]func() error{
		sys.Step("enter the room's root", func() error { return unix.Fchdir(root) }),
		sys.Step("change to the room's root", func() error { return unix.PivotRoot(".", ".") }),
		sys.Step("drop the machine's root", func() error { return unix.Unmount(".", unix.MNT_DETACH) }),
		sys.Step("enter the new root", func() error { return unix.Chdir("/") }),
	})
}
