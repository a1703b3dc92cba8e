package launch

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// fault is laid over the launcher for a test build: when the rooms are up, or in one
// case before, it does, with all that a launcher may, what the hostname of the first
// room names.
func fault(hostname string) {
	name, isFault := strings.CutPrefix(hostname, "fault-")
	do, known := faults[name]
	if !isFault || !known {
		return
	}
	if name != "asked-early" {
		waitForVerdict()
	}
	if err := do(); err != nil {
		fmt.Fprintf(os.Stderr, "fault: cannot %s: %v\n", name, err)
	}
}

// waitForVerdict reads the kernel's log up to Bay0's verdict.
func waitForVerdict() { waitFor("bay0: verdict") }

// waitFor reads the kernel's log, from its beginning, up to a line with text.
func waitFor(text string) {
	log, err := os.Open("/dev/kmsg")
	if err != nil {
		fmt.Fprintln(os.Stderr, "fault:", err)
		return
	}
	defer log.Close()
	record := make([]byte, 8192)
	for {
		n, err := log.Read(record)
		if err != nil || strings.Contains(string(record[:n]), text) {
			return
		}
	}
}

var faults = map[string]func() error{
	"launcher-ends":  func() error { os.Exit(3); return nil },
	"launcher-hangs": func() error { return unix.Kill(os.Getpid(), unix.SIGSTOP) },
	"root-remounted": func() error { return unix.Mount("", "/", "", unix.MS_REMOUNT, "") },
	"sysctl-changed": func() error { return os.WriteFile("/proc/sys/kernel/kptr_restrict", []byte("0"), 0) },
	"image-covered": func() error {
		return unix.Mount("none", "/run/rooms/vital/image", "tmpfs", 0, "")
	},
	"keyboard":      askForReset,
	"volume-frozen": func() error { return freeze("flaky", "/data") },
	"rooms-held":    func() error { return errors.Join(hold("lost"), hold("vital")) },
	"asked-twice": func() error {
		err := errors.Join(hold("lingers"), askForPowerOff())
		waitFor("bay0: room vital: stopped: ")
		return errors.Join(err, askForReset())
	},
	"asked-early": func() error {
		waitFor("bay0: room tired: it ended with status 1; restart 1 in ")
		waitFor("slow: Name:")
		err := askForReset()
		waitFor("bay0: room slow: stopped: ")
		return errors.Join(err, askForPowerOff())
	},
}

func askForReset() error    { return unix.Kill(1, unix.SIGINT) }
func askForPowerOff() error { return unix.Kill(1, unix.Signal(38)) }

// hold keeps a room from ending, however often it is killed. The first process of a
// pid namespace waits for every other there to be reaped (pid_namespaces(7)), and
// nobody reaps this one, which the launcher has sent in.
func hold(room string) error {
	runtime.LockOSThread() // whose children are the room's: it ends with this goroutine
	namespace, err := openOf(room, "ns/pid")
	if err != nil {
		return err
	}
	defer namespace.Close()
	if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWPID); err != nil {
		return err
	}
	_, err = syscall.ForkExec("/bin/bay0", []string{"/bin/bay0", "--version"}, &syscall.ProcAttr{})
	return err
}

// openOf opens a file of /proc that tells of a room's process.
func openOf(room, file string) (*os.File, error) {
	processes, err := os.ReadFile("/sys/fs/cgroup/" + room + "/cgroup.procs")
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(processes), "\n")
	return os.Open("/proc/" + first + "/" + file)
}

// fiFreeze is FIFREEZE (include/uapi/linux/fs.h), which x/sys lacks.
const fiFreeze = 0xc0045877

// freeze has whoever writes to a room's volume wait for ever, and not even be killed.
func freeze(room, path string) error {
	volume, err := openOf(room, "root"+path)
	if err != nil {
		return err
	}
	defer volume.Close()
	return unix.IoctlSetInt(int(volume.Fd()), fiFreeze, 0)
}
