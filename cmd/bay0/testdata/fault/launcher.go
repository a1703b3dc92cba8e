package launch

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// fault is laid over the launcher for a test build: some time after the rooms have
// started it does, with all that a launcher may, what the hostname of the first
// room names.
func fault(hostname string) {
	name, isFault := strings.CutPrefix(hostname, "fault-")
	do, known := faults[name]
	if !isFault || !known {
		return
	}
	time.Sleep(3 * time.Second)
	if err := do(); err != nil {
		fmt.Fprintf(os.Stderr, "fault: cannot %s: %v\n", name, err)
	}
}

var faults = map[string]func() error{
	"launcher-ends":   func() error { os.Exit(3); return nil },
	"launcher-hangs":  func() error { return unix.Kill(os.Getpid(), unix.SIGSTOP) },
	"root-remounted":  func() error { return unix.Mount("", "/", "", unix.MS_REMOUNT, "") },
	"sysctl-changed":  func() error { return os.WriteFile("/proc/sys/kernel/kptr_restrict", []byte("0"), 0) },
	"keyboard":        func() error { return unix.Kill(1, unix.SIGINT) },
	"governor-killed": func() error { return unix.Kill(1, unix.SIGSEGV) },
}
