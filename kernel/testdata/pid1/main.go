// Command pid1 is the first program of a machine that boots the shipped kernel and nothing else. It tries
// what the kernel's patches and its configuration take away, each beside the nearest thing that must still
// work, and says a line of each: "kernel: NAME: RESULT".
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "eat" {
		eat()
	}
	var since unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &since); err == nil {
		say("milliseconds", fmt.Sprint(time.Duration(since.Nano()).Milliseconds()))
	}
	mount("devtmpfs", "/dev")
	mount("proc", "/proc")
	mount("sysfs", "/sys")
	mount("cgroup2", "/sys/fs/cgroup")
	mount("securityfs", "/sys/kernel/security")
	for _, probes := range [][]probe{patches, absent, present} {
		for _, p := range probes {
			say(p.name, p.try())
		}
	}
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		say("power-off", err.Error())
	}
}

// probe tries one thing and says what came of it.
type probe struct {
	name string
	try  func() string
}

func say(name, result string) { fmt.Printf("kernel: %s: %s\n", name, result) }

func mount(kind, target string) {
	if err := unix.Mount(kind, target, kind, 0, ""); err != nil {
		say("mount "+kind, outcome(err))
	}
}

// outcome is the name of the error, such as ENOSYS.
func outcome(err error) string {
	var errno unix.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

// absent is what the configuration leaves out.
var absent = []probe{
	{"system calls", calls},
	{"file systems", fileSystems},
	{"files", files},
}

// calls names the system calls that are there and should not be. One that is there fails for other
// reasons than ENOSYS, or not at all.
func calls() string {
	var found []string
	for _, c := range []struct {
		name   string
		number uintptr
	}{
		{"init_module", unix.SYS_INIT_MODULE}, {"finit_module", unix.SYS_FINIT_MODULE},
		{"kexec_load", unix.SYS_KEXEC_LOAD}, {"kexec_file_load", unix.SYS_KEXEC_FILE_LOAD},
		{"bpf", unix.SYS_BPF}, {"io_uring_setup", unix.SYS_IO_URING_SETUP}, {"io_setup", unix.SYS_IO_SETUP},
		{"userfaultfd", unix.SYS_USERFAULTFD}, {"perf_event_open", unix.SYS_PERF_EVENT_OPEN},
		{"process_vm_readv", unix.SYS_PROCESS_VM_READV}, {"kcmp", unix.SYS_KCMP},
		{"add_key", unix.SYS_ADD_KEY}, {"keyctl", unix.SYS_KEYCTL}, {"rseq", unix.SYS_RSEQ},
		{"shmget", unix.SYS_SHMGET}, {"swapon", unix.SYS_SWAPON}, {"acct", unix.SYS_ACCT},
		{"name_to_handle_at", unix.SYS_NAME_TO_HANDLE_AT}, {"quotactl", unix.SYS_QUOTACTL},
		{"cachestat", unix.SYS_CACHESTAT}, {"memfd_secret", unix.SYS_MEMFD_SECRET},
		{"fanotify_init", unix.SYS_FANOTIFY_INIT}, {"getpid, which has to be there", unix.SYS_GETPID},
	} {
		if _, _, errno := unix.Syscall6(c.number, 0, 0, 0, 0, 0, 0); errno != unix.ENOSYS {
			found = append(found, c.name)
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_UNSHARE, unix.CLONE_NEWUSER, 0, 0); errno != unix.EINVAL {
		found = append(found, "unshare of a user namespace")
	}
	return strings.Join(found, ", ")
}

// fileSystems names those that the kernel knows, but for the kinds that it needs for itself.
func fileSystems() string {
	text, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return err.Error()
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if name == "" {
			name = strings.TrimSpace(line)
		}
		found = append(found, name)
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

// files names the files that are there and should not be.
func files() string {
	var found []string
	for _, path := range []string{
		"/dev/mem", "/dev/kmem", "/dev/port", "/dev/rtc0", "/dev/nvram", "/dev/mapper/control",
		"/proc/kcore", "/proc/kallsyms", "/proc/modules", "/proc/config.gz", "/proc/keys", "/proc/sysrq-trigger",
		"/proc/self/pagemap", "/proc/self/smaps", "/proc/kpageflags", "/proc/sys/kernel/core_pattern",
		"/sys/kernel/debug", "/sys/kernel/tracing", "/sys/firmware/dmi", "/sys/kernel/uevent_helper",
		"/proc/self/status, which has to be there",
	} {
		if path, _, _ := strings.Cut(path, ","); exists(path) {
			found = append(found, path)
		}
	}
	return strings.Join(found, ", ")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// present is what has to be there.
var present = []probe{
	{"lockdown", content("/sys/kernel/security/lockdown")},
	{"security modules", content("/sys/kernel/security/lsm")},
	{"the clock is set", func() string { return fmt.Sprint(time.Now().Year() > 2024) }},
	{"mmap_rnd_bits", content("/proc/sys/vm/mmap_rnd_bits")},
	{"mmap_min_addr", content("/proc/sys/vm/mmap_min_addr")},
	{"tainted", content("/proc/sys/kernel/tainted")},
}

func content(path string) func() string {
	return func() string {
		text, err := os.ReadFile(path)
		if err != nil {
			return outcome(err)
		}
		return strings.TrimSpace(string(text))
	}
}
