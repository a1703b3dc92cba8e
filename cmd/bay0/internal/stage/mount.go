package stage

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// mount makes a file system and attaches it. What shall be read-only is not yet.
func mount(root int, m blob.Mount) (int, error) {
	var options [][2]string
	for i := range m.Options().Len() {
		key, value := m.Options().At(i)
		options = append(options, [2]string{string(key), string(value)})
	}
	if name := m.Partition(); len(name) > 0 {
		device, err := findPartition(string(name))
		if err != nil {
			return -1, err
		}
		options = append(options, [2]string{"source", device})
	}
	fd, err := sys.MakeMount(string(m.Type()), int(m.Attributes()&^abi.MountReadOnly), options...)
	if err != nil {
		return -1, err
	}
	return fd, attach(root, fd, string(m.Target()))
}

// bind attaches one node of the machine. What it is was decided by the compiler
// and is checked on the descriptor that is then bound, so that a path that leads
// elsewhere is found (CVE-2025-31133).
func bind(root int, b blob.Bind) error {
	source, err := open(unix.AT_FDCWD, string(b.Source()), unix.O_PATH, 0)
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
	// A major number of 0 is one that the kernel gives out at run time: the name in
	// devtmpfs, which only the kernel writes, has to do.
	if want := unix.Mkdev(b.Major(), b.Minor()); b.Major() != 0 && st.Rdev != want {
		return fmt.Errorf("it is device 0x%x, the policy wants 0x%x", st.Rdev, want)
	}
	fd, err := unix.OpenTree(source, "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	attr := unix.MountAttr{Attr_set: b.Attributes()}
	return sys.InOrder([]func() error{
		func() error { return share(source, b.GID()) },
		func() error { return unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &attr) },
		func() error { return write(root, string(b.Target()), 0, nil) },
		func() error { return attach(root, fd, string(b.Target())) },
	})
}

// share opens a device that the kernel made for root to the group whose members
// may use it. Only rooms to which it is bound can name it at all.
func share(source int, gid uint32) error {
	if gid == 0 {
		return nil
	}
	return sys.InOrder([]func() error{
		sys.Step("change its group", func() error { return unix.Fchownat(source, "", 0, int(gid), unix.AT_EMPTY_PATH) }),
		sys.Step("change its mode", func() error { return unix.Fchmodat(source, "", 0o660, unix.AT_EMPTY_PATH) }),
	})
}

// attach moves a mount to target in the room. No symbolic link is followed, and
// no path leads out of the room (CVE-2025-52565).
func attach(root, fd int, target string) error {
	at, err := open(root, target, unix.O_PATH, unix.RESOLVE_IN_ROOT)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	return unix.MoveMount(fd, "", at, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
}

// blockDevices is where the kernel lists disks and partitions.
const blockDevices = "/sys/class/block"

// findPartition gives the device node of the one partition with that GPT name.
// Two of one name are refused: which of them is meant, nobody here can tell, and
// anybody can plug in a second.
func findPartition(name string) (string, error) {
	entries, err := os.ReadDir(blockDevices)
	if err != nil {
		return "", err
	}
	found := ""
	for _, e := range entries {
		uevent, err := os.ReadFile(blockDevices + "/" + e.Name() + "/uevent")
		if err != nil {
			return "", err
		}
		if !slices.Contains(strings.Split(string(uevent), "\n"), "PARTNAME="+name) { // kernel: block/partitions
			continue
		}
		if found != "" {
			return "", fmt.Errorf("two partitions are named %s: %s and %s", name, found, e.Name())
		}
		found = e.Name()
	}
	if found == "" {
		return "", fmt.Errorf("no partition is named %s", name)
	}
	return "/dev/" + found, nil
}
