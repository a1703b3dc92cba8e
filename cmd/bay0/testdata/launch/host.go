package launch

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// CompareHere is laid over the launcher for a test build that runs on a host, as what
// starts the launcher, below a directory that is laid out as a machine's root. It says
// times times how long a room's launch took, and the others'.
func CompareHere(root string, times int) error {
	runtime.LockOSThread() // the mount namespace is this thread's
	image := root + besideImage
	err := sys.InOrder([]func() error{
		func() error { return unix.Unshare(unix.CLONE_NEWNS) },
		func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
		func() error { return unix.Mount(root, root, "", unix.MS_BIND, "") },
		func() error { return unix.Mount(image, image, "", unix.MS_BIND, "") },
		func() error { return unix.Mount("/dev", root+"/dev", "", unix.MS_BIND, "") },
		func() error { return unix.Mount("proc", root+"/proc", "proc", 0, "") },
		func() error { return unix.Chdir(root) },
		func() error { return unix.PivotRoot(".", ".") },
		func() error { return unix.Unmount(".", unix.MNT_DETACH) },
		func() error { return unix.Chdir("/") },
		prepareImage,
	})
	if err != nil {
		return fmt.Errorf("cannot lay out %s: %w", root, err)
	}
	l, err := Spawn()
	if err != nil {
		return err
	}
	// Whoever is below a root of its own can make no user namespace (kernel:
	// current_chrooted). The machine's kernel has none either.
	besides[1] = strings.Replace(besides[1], "--unshare-all", "--unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup", 1)
	for range times {
		if err := launchOnce(l); err != nil {
			return err
		}
		if err := compareOnce(os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// launchOnce does what the governor does from a room's start to its end.
func launchOnce(l *Launcher) error {
	start := time.Now()
	answer, files, err := l.Ask(role.Message{Kind: role.Start, Number: 0})
	if err != nil {
		return err
	}
	if answer.Kind != role.Done {
		return fmt.Errorf("cannot start the room: %s", answer.Text)
	}
	reason := Await(files[0])
	var status unix.WaitStatus
	if _, err := unix.Wait4(int(answer.Number), &status, 0, nil); err != nil {
		return err
	}
	fmt.Printf("<5>launch: room %d\n", time.Since(start).Microseconds())
	for _, f := range files[1:] {
		f.Close()
	}
	if reason != "" || !status.Exited() || status.ExitStatus() != 0 {
		return fmt.Errorf("cannot launch the room: %s (status %#x)", reason, status)
	}
	return nil
}
