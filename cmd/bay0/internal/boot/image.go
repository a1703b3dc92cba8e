package boot

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// MountImages mounts every room's image, read-only, once its bytes are those
// that the policy names. A squashfs is parsed by the kernel when it is mounted
// (CVE-2024-26982), so nothing unknown gets that far.
func (m *Machine) MountImages() error {
	for i := range m.Policy.Rooms() {
		r := m.Policy.Room(i)
		if err := mountImage(r); err != nil {
			return fmt.Errorf("cannot mount the image of room %s: %w", r.Name(), err)
		}
	}
	return nil
}

func mountImage(r blob.Room) error {
	name := string(r.Name())
	f, err := os.Open(policy.ImagePath(name))
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
	target := policy.ImageMount(name)
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(device.Name(), target, "squashfs", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("mount %s: %w", device.Name(), err)
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
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer control.Close()
	n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
	if err != nil {
		return nil, fmt.Errorf("get a free loop device: %w", err)
	}
	device, err := os.OpenFile(fmt.Sprintf("/dev/loop%d", n), os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	config := unix.LoopConfig{
		Fd:   uint32(f.Fd()),
		Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_READ_ONLY | unix.LO_FLAGS_AUTOCLEAR},
	}
	if err := unix.IoctlLoopConfigure(int(device.Fd()), &config); err != nil {
		device.Close()
		return nil, fmt.Errorf("configure %s: %w", device.Name(), err)
	}
	return device, nil
}
