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

// compareLaunches is laid over the launcher for a test build. Once the room that ends
// at once has done so for the last time, it has others launch the same program, one
// after the other, and writes to the kernel's log how long each took.
func compareLaunches() {
	log, err := os.OpenFile("/dev/kmsg", os.O_RDWR, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "launch:", err)
		return
	}
	defer log.Close()
	record := make([]byte, 8192)
	for {
		n, err := log.Read(record)
		if err != nil || strings.Contains(string(record[:n]), ": failed: ") {
			break
		}
	}
	const image = "/run/rooms/beside/image"
	for _, m := range []struct{ kind, path string }{
		{"proc", "/proc"}, {"tmpfs", "/run"}, {"sysfs", "/sys"}, {"cgroup2", "/sys/fs/cgroup"},
	} {
		if err := unix.Mount(m.kind, image+m.path, m.kind, 0, ""); err != nil {
			fmt.Fprintf(log, "<5>launch: cannot mount %s: %v\n", m.path, err)
			return
		}
	}
	// runc wants a root that is another mount than its own.
	_ = os.Mkdir(image+"/run/rootfs", 0o755)
	if err := unix.Mount(image, image+"/run/rootfs", "", unix.MS_BIND, ""); err != nil {
		fmt.Fprintf(log, "<5>launch: cannot bind the image: %v\n", err)
		return
	}
	for _, command := range []string{
		"/bin/true",
		"/usr/bin/bwrap --unshare-all --ro-bind / / /bin/true",
		"/usr/sbin/runc --rootless true run --no-new-keyring --bundle /bundle room",
	} {
		for range 20 {
			words := strings.Fields(command)
			c := exec.Command(words[0], words[1:]...)
			c.SysProcAttr = &syscall.SysProcAttr{Chroot: image}
			c.Dir = "/"
			start := time.Now()
			if said, err := c.CombinedOutput(); err != nil {
				fmt.Fprintf(log, "<5>launch: cannot run %s: %v: %q\n", words[0], err, said[max(0, len(said)-700):])
				break
			}
			fmt.Fprintf(log, "<5>launch: %s %d\n", words[0], time.Since(start).Microseconds())
		}
	}
	fmt.Fprintf(log, "<5>launch: end\n")
}
