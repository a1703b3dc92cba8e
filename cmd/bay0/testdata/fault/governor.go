package supervise

import (
	"fmt"
	"os"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"golang.org/x/sys/unix"
)

// fault is laid over the governor for a test build. It is called in each period,
// and when the rooms are up it hangs, or tries what the governor has given up, as
// somebody would who has taken it over.
func (s *supervisor) fault() {
	if !s.judged {
		return
	}
	switch string(s.rooms[0].Hostname()) {
	case "fault-governor-tries":
		try(s.log)
	case "fault-asked-while-busy":
		if s.stopping == nil {
			for _, request := range []unix.Signal{38, unix.SIGINT} {
				_ = unix.Kill(1, request)
				time.Sleep(time.Second)
			}
		}
	case "fault-governor-hangs":
		println("bay0: hangs")
		select {}
	}
}

func try(log *klog.Log) {
	for _, attempt := range []struct {
		what string
		do   func() error
	}{
		{"read a file", func() error { _, err := os.ReadFile("/proc/version"); return err }},
		{"read an invariant", func() error { _, err := os.ReadFile("/sys/kernel/security/lockdown"); return err }},
		{"list a directory", func() error { _, err := os.ReadDir("/"); return err }},
		{"write to a cgroup", func() error {
			return os.WriteFile("/sys/fs/cgroup/cgroup.max.depth", []byte("max"), 0)
		}},
		{"socket AF_UNIX", socket(unix.AF_UNIX, unix.SOCK_STREAM)},
		{"socket AF_INET", socket(unix.AF_INET, unix.SOCK_STREAM)},
		{"socket AF_INET6", socket(unix.AF_INET6, unix.SOCK_DGRAM)},
		{"socket AF_NETLINK", socket(unix.AF_NETLINK, unix.SOCK_RAW)},
		{"socket AF_PACKET", socket(unix.AF_PACKET, unix.SOCK_RAW)},
		{"socketpair", func() error { _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0); return err }},
		{"mount", func() error { return unix.Mount("none", "/run", "tmpfs", 0, "") }},
		{"remount the root", func() error { return unix.Mount("", "/", "", unix.MS_REMOUNT, "") }},
		{"unshare", func() error { return unix.Unshare(unix.CLONE_NEWNS) }},
		{"execute a program", func() error { return unix.Exec("/bin/bay0", []string{"bay0"}, nil) }},
		{"change the owner of a file", func() error { return unix.Chown("/run/rooms", 1, 1) }},
		{"make a file", func() error { return os.Mkdir("/run/new", 0o755) }},
		{"become another user", func() error { return unix.Setuid(10016) }},
		{"trace a process", func() error { return unix.PtraceAttach(2) }},
		{"raise a capability", raise},
		{"set a sysctl", func() error { return os.WriteFile("/proc/sys/kernel/kptr_restrict", []byte("0"), 0) }},
		{"open the log again", func() error { return open("/dev/kmsg", unix.O_WRONLY) }},
		{"open a disk", func() error { return open("/dev/vda", unix.O_RDWR) }},
		{"open a disk to read it", func() error { return open("/dev/vda", unix.O_RDONLY) }},
		{"read the policy", func() error { _, err := os.ReadFile("/.passports"); return err }},
		{"set the clock", func() error { return unix.Settimeofday(&unix.Timeval{Sec: 1}) }},
		{"find its secure bits", func() error {
			bits, err := unix.PrctlRetInt(unix.PR_GET_SECUREBITS, 0, 0, 0, 0)
			return fmt.Errorf("%d, %v", bits, err)
		}},
		{"find its environment", func() error { return fmt.Errorf("%q", os.Environ()) }},
		{"load another filter", func() error { return unix.Prctl(unix.PR_SET_SECCOMP, 1, 0, 0, 0) }},
	} {
		log.Say("tries: %s: %v", attempt.what, attempt.do())
	}
	log.Say("tries no more")
}

func open(path string, flags int) error {
	_, err := unix.Open(path, flags, 0)
	return err
}

func socket(family, kind int) func() error {
	return func() error { _, err := unix.Socket(family, kind, 0); return err }
}

func raise() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	data := [2]unix.CapUserData{{Effective: 1 << unix.CAP_SYS_ADMIN, Permitted: 1 << unix.CAP_SYS_ADMIN}}
	return unix.Capset(&header, &data[0])
}
