package stage

import (
	"fmt"
	"path"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// enterRoot builds the room's root from the image and the policy's mounts, all
// by descriptor, and leaves the machine's behind.
func enterRoot(r blob.Room) error {
	// From here on nothing that is mounted reaches the machine, or comes from it.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("cannot make the mounts private: %w", err)
	}
	root, err := attachImage(r)
	if err != nil {
		return err
	}
	defer unix.Close(root)
	if err := fill(root, r); err != nil {
		return err
	}
	return pivot(root)
}

// attachImage mounts a copy of the room's image, which the governor verified and
// mounted read-only, and returns its root.
func attachImage(r blob.Room) (int, error) {
	root, err := unix.OpenTree(unix.AT_FDCWD, policy.ImageMount(string(r.Name())), unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("cannot copy the image's mount: %w", err)
	}
	if err := unix.MoveMount(root, "", unix.AT_FDCWD, policy.RoomRoot, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return -1, fmt.Errorf("cannot attach the image: %w", err)
	}
	return root, nil
}

// fill mounts and binds what the policy lists. What shall be read-only becomes so
// at the end, when it has been filled.
func fill(root int, r blob.Room) error {
	var sealed []int
	for i := range r.Mounts().Len() {
		m := r.Mounts().At(i)
		fd, err := mount(root, m)
		if err != nil {
			return fmt.Errorf("cannot mount %s on %s: %w", m.Type(), m.Target(), err)
		}
		if m.Attributes()&policy.MountReadOnly != 0 {
			sealed = append(sealed, fd)
		}
	}
	for i := range r.Binds().Len() {
		b := r.Binds().At(i)
		if err := bind(root, b); err != nil {
			return fmt.Errorf("cannot bind %s to %s: %w", b.Source(), b.Target(), err)
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

// mount makes a file system and attaches it. The options go to the kernel one by
// one: there is no string of them that could be split differently.
func mount(root int, m blob.Mount) (int, error) {
	fs, err := unix.Fsopen(string(m.Type()), unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer unix.Close(fs)
	for i := range m.Options().Len() {
		key, value := m.Options().At(i)
		if err := unix.FsconfigSetString(fs, string(key), string(value)); err != nil {
			return -1, fmt.Errorf("option %s=%s: %w", key, value, err)
		}
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, err
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, int(m.Attributes()&^policy.MountReadOnly))
	if err != nil {
		return -1, err
	}
	return fd, attach(root, fd, string(m.Target()))
}

// bind attaches one node of the machine. What it is was decided by the compiler
// and is checked on the descriptor that is then bound, so that a path that leads
// elsewhere is found (CVE-2025-31133).
func bind(root int, b blob.Bind) error {
	source, err := open(unix.AT_FDCWD, string(b.Source()), unix.O_PATH, unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return err
	}
	defer unix.Close(source)
	var st unix.Stat_t
	if err := unix.Fstat(source, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != b.Kind() {
		return fmt.Errorf("it has file type 0o%o, the policy wants 0o%o", st.Mode&unix.S_IFMT, b.Kind())
	}
	if want := unix.Mkdev(b.Major(), b.Minor()); b.Kind() == policy.KindDevice && st.Rdev != want {
		return fmt.Errorf("it is device 0x%x, the policy wants 0x%x", st.Rdev, want)
	}
	fd, err := unix.OpenTree(source, "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	attr := unix.MountAttr{Attr_set: b.Attributes()}
	if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &attr); err != nil {
		return err
	}
	if err := touch(root, string(b.Target())); err != nil {
		return err
	}
	return attach(root, fd, string(b.Target()))
}

// touch makes the empty file that a node is bound on.
func touch(root int, target string) error {
	dir, err := open(root, path.Dir(target), unix.O_PATH|unix.O_DIRECTORY, unix.RESOLVE_IN_ROOT|unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	fd, err := unix.Openat(dir, path.Base(target), unix.O_CREAT|unix.O_EXCL|unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// attach moves a mount to target in the room. No symbolic link is followed, and
// no path leads out of the room (CVE-2025-52565).
func attach(root, fd int, target string) error {
	at, err := open(root, target, unix.O_PATH, unix.RESOLVE_IN_ROOT|unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	return unix.MoveMount(fd, "", at, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
}

func open(dir int, path string, flags, resolve uint64) (int, error) {
	return unix.Openat2(dir, path, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: resolve | unix.RESOLVE_NO_MAGICLINKS})
}

// pivot makes root the root and drops the old one, without a place to put it
// (pivot_root(2), "pivot_root(".", ".")").
func pivot(root int) error {
	if err := unix.Fchdir(root); err != nil {
		return fmt.Errorf("cannot enter the room's root: %w", err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("cannot change to the room's root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("cannot drop the machine's root: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("cannot enter the new root: %w", err)
	}
	return nil
}
