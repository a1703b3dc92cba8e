package launch

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// fault is laid over the launcher for a test build: when the rooms are up it does,
// with all that a launcher may, what the hostname of the first room names.
func fault(hostname string) {
	name, isFault := strings.CutPrefix(hostname, "fault-")
	do, known := faults[name]
	if !isFault || !known {
		return
	}
	waitForVerdict()
	if err := do(); err != nil {
		fmt.Fprintf(os.Stderr, "fault: cannot %s: %v\n", name, err)
	}
}

// waitForVerdict reads the kernel's log up to Bay0's verdict.
func waitForVerdict() {
	log, err := os.Open("/dev/kmsg")
	if err != nil {
		fmt.Fprintln(os.Stderr, "fault:", err)
		return
	}
	defer log.Close()
	record := make([]byte, 8192)
	for {
		n, err := log.Read(record)
		if err != nil || strings.Contains(string(record[:n]), "bay0: verdict") {
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
	"keyboard": func() error { return unix.Kill(1, unix.SIGINT) },
}
