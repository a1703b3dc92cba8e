package boot

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// MountImages mounts every room's image, read-only, once its bytes are those
// that the policy names. A squashfs is parsed by the kernel when it is mounted
// (CVE-2024-26982), so nothing unknown gets that far.
//
// It can take longer than the watchdog waits: alive is called after each.
func (m *Machine) MountImages(alive func() error) error {
	// One that belongs to no room is refused; one that lacks, when it is opened.
	entries, err := os.ReadDir(abi.ImageDir)
	if err != nil {
		return fmt.Errorf("cannot list the images: %w", err)
	}
	if len(entries) > m.Policy.Rooms() {
		return fmt.Errorf("cannot accept %d images for %d rooms", len(entries), m.Policy.Rooms())
	}
	m.readOnly = []string{"/"}
	for i := range m.Policy.Rooms() {
		r := m.Policy.Room(i)
		target := abi.ImageMount(string(r.Name()))
		if err := mountImage(r, target); err != nil {
			return fmt.Errorf("cannot mount the image of room %s: %w", r.Name(), err)
		}
		m.readOnly = append(m.readOnly, target)
		if err := alive(); err != nil {
			return err
		}
	}
	return nil
}

func mountImage(r blob.Room, target string) error {
	f, err := os.Open(abi.ImagePath(string(r.Name())))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := checkImage(f, r); err != nil {
		return err
	}
	device, err := attachLoop(f)
	if err != nil {
		return err
	}
	defer device.Close() // the mount keeps the loop device, and its end frees it
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	return unix.Mount(device.Name(), target, "squashfs", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, "")
}

// CheckReadOnly wants the root and every image to be read-only still. statfs(2)
// tells of mount and superblock together: since the root's mount is writable, what
// it tells is the superblock's state, which is the one that holds.
func (m *Machine) CheckReadOnly() error {
	for _, path := range m.readOnly {
		var st unix.Statfs_t
		if err := unix.Statfs(path, &st); err != nil {
			return fmt.Errorf("cannot read the state of %s: %w", path, err)
		}
		if st.Flags&unix.ST_RDONLY == 0 {
			return fmt.Errorf("cannot accept %s: it can be written to", path)
		}
	}
	return nil
}

// checkImage compares size and SHA-256. No image has the digest of an unbound
// one, which is all zero.
func checkImage(f io.Reader, r blob.Room) error {
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	if got := sum.Sum(nil); uint64(n) != r.ImageSize() || !bytes.Equal(got, r.ImageSHA256()) {
		return fmt.Errorf("it has %d bytes with digest %x, the policy wants %d with %x", n, got, r.ImageSize(), r.ImageSHA256())
	}
	return nil
}

// attachLoop makes f a read-only block device that goes with its last user.
func attachLoop(f *os.File) (*os.File, error) {
	control, err := os.Open("/dev/loop-control")
	if err != nil {
		return nil, err
	}
	defer control.Close()
	n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
	if err != nil {
		return nil, fmt.Errorf("cannot get a free loop device: %w", err)
	}
	device, err := os.OpenFile(fmt.Sprintf("/dev/loop%d", n), os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	config := unix.LoopConfig{
		Fd:   uint32(f.Fd()),
		Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_READ_ONLY | unix.LO_FLAGS_AUTOCLEAR},
	}
	return device, sys.Cannot(unix.IoctlLoopConfigure(int(device.Fd()), &config), "configure %s", device.Name())
}
