package launch

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// besideImage is the image of the room that ends at once, with the others in it.
const besideImage = "/run/rooms/beside/image"

// besides are what is compared with that room: its program alone, and launched by others.
var besides = []string{
	"/bin/true",
	"/usr/bin/bwrap --unshare-all --ro-bind / / /bin/true",
	"/usr/sbin/runc --rootless true run --no-new-keyring --bundle /bundle room",
}

// compareLaunches is laid over the launcher for a test build. Each time that the room
// has ended, it has the others launch the same program, and writes to the kernel's log
// how long each took: so what slows the machine down meanwhile slows all of them.
func compareLaunches() {
	log, err := os.OpenFile("/dev/kmsg", os.O_RDWR, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "launch:", err)
		return
	}
	defer log.Close()
	err = prepareImage()
	record := make([]byte, 8192)
	for failed := false; err == nil && !failed; {
		var n int
		if n, err = log.Read(record); err != nil {
			break
		}
		said := string(record[:n])
		failed = strings.Contains(said, "bay0: room beside: failed: ")
		if failed || strings.Contains(said, "bay0: room beside: it ended ") {
			err = compareOnce(log)
		}
	}
	if err != nil {
		fmt.Fprintf(log, "<5>launch: cannot compare: %v\n", err)
	}
	fmt.Fprintf(log, "<5>launch: end\n")
}

// prepareImage gives the others what they want to find.
func prepareImage() error {
	// A mount of cgroup2 sets its options for all there are: this one is as Bay0's.
	for _, m := range []struct{ kind, path, options string }{
		{"proc", "/proc", ""}, {"tmpfs", "/run", ""}, {"sysfs", "/sys", ""}, {"cgroup2", "/sys/fs/cgroup", "favordynmods"},
	} {
		if err := unix.Mount(m.kind, besideImage+m.path, m.kind, 0, m.options); err != nil {
			return fmt.Errorf("cannot mount %s: %w", m.path, err)
		}
	}
	// runc wants a root that is another mount than its own.
	root := besideImage + "/run/rootfs"
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	return unix.Mount(besideImage, root, "", unix.MS_BIND, "")
}

func compareOnce(log *os.File) error {
	for _, command := range besides {
		words := strings.Fields(command)
		c := exec.Command(words[0], words[1:]...)
		c.SysProcAttr = &syscall.SysProcAttr{Chroot: besideImage}
		c.Dir = "/"
		start := time.Now()
		if said, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("cannot run %s: %w: %q", words[0], err, said[max(0, len(said)-700):])
		}
		fmt.Fprintf(log, "<5>launch: %s %d\n", words[0], time.Since(start).Microseconds())
	}
	return nil
}
