package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// reportSizes is laid over the launcher for a test build. Twice a second it writes to
// the kernel's log how big Bay0's two lasting processes are, and how much of the
// machine they hold for its rooms.
func reportSizes() {
	log, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		return
	}
	defer log.Close()
	for range time.Tick(500 * time.Millisecond) {
		fmt.Fprintf(log, "<5>size: governor %s\n", size(1))
		fmt.Fprintf(log, "<5>size: launcher %s\n", size(os.Getpid()))
		fmt.Fprintf(log, "<5>size: machine mounts=%d cgroups=%d\n", mounts(), count("/sys/fs/cgroup/*/cgroup.procs"))
	}
}

// size is a process's memory in KiB, its threads and its descriptors
// (proc_pid_status(5)).
func size(pid int) string {
	proc := fmt.Sprintf("/proc/%d/", pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		return err.Error()
	}
	value := map[string]string{}
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		value[name], _, _ = strings.Cut(strings.TrimSpace(rest), " ")
	}
	return fmt.Sprintf("rss=%s threads=%s descriptors=%d", value["VmRSS"], value["Threads"], count(proc+"fd/*"))
}

func mounts() int {
	text, _ := os.ReadFile("/proc/1/mountinfo")
	return strings.Count(string(text), "\n")
}

func count(pattern string) int {
	found, _ := filepath.Glob(pattern)
	return len(found)
}
