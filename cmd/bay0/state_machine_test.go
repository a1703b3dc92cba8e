package main_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
)

// reportingBay0 is Bay0 with the reporter of testdata/state.
var reportingBay0 = sync.OnceValues(func() ([]byte, error) {
	s := sources{}
	if err := s.reporting(); err != nil {
		return nil, err
	}
	return s.build()
})

// checkStates looks at the machine from outside, and holds what the kernel says of
// each process to the policy.
func checkStates(t *testing.T, p policy.Policy, result vm.Result) {
	all := states(result)
	if len(all) != len(p.Rooms)+4 { // governor, launcher, machine, end
		t.Errorf("the states of %d were reported", len(all))
	}
	for who, faults := range strays(p, all) {
		for _, fault := range faults {
			t.Errorf("%s: %s", who, fault)
		}
	}
}

// governorCapabilities are CAP_KILL and CAP_SYS_BOOT.
const governorCapabilities = 1<<5 | 1<<22

// governorStrays holds PID 1 to what it keeps of its powers. Its bounding set does
// not matter: nothing that it executes could gain (securebits, no_new_privs).
func governorStrays(p policy.Policy, all map[string]state) []string {
	s, c := all["governor"], &checker{}
	c.tasks(s, map[string]string{
		"Uid": four(0), "Gid": four(0), "Groups": "",
		"CapInh": set(0), "CapPrm": set(governorCapabilities), "CapEff": set(governorCapabilities), "CapAmb": set(0),
		"NoNewPrivs": "1", "Seccomp": "2", "Seccomp_filters": "1",
	})
	c.list("mounts", machineMounts(p), machineView(s["mount"]))
	// The firmware's variables are a mount that is attached nowhere; and of what the
	// invariants name, it may be reading one.
	targets := []string{`/dev/console`, `/dev/watchdog`, `/dev/kmsg`, `socket:.*`, `pipe:.*`, `anon_inode:\[event.*`, `/(\w+-[0-9a-f-]{36})?`}
	for _, i := range p.Invariants {
		targets = append(targets, regexp.QuoteMeta(i.Path))
	}
	c.allowed("descriptor", s["fd"], targets...)
	c.same("program", abi.Bay0Path, one(s["program"]))
	return c.faults
}

// launcherStrays holds the launcher to having all that building a room takes, and
// no network.
func launcherStrays(p policy.Policy, all map[string]state) []string {
	s, c := all["launcher"], &checker{}
	c.tasks(s, map[string]string{"Uid": four(0), "Gid": four(0), "CapInh": set(0), "CapAmb": set(0), "NoNewPrivs": "0", "Seccomp": "0"})
	c.list("mounts", machineMounts(p), machineView(s["mount"]))
	c.namespaces("launcher", s, map[string]state{"governor": all["governor"]}, abi.CloneNewNet)
	for _, network := range s["thread-net"] {
		c.same("network namespace of a thread", namespaceOf(s, "net"), network)
	}
	c.allowed("descriptor", s["fd"], `/dev/console`, `/dev/kmsg`, `socket:.*`, `net:.*`, `anon_inode:\[event.*`)
	c.same("parent", "1", strings.TrimPrefix(one(s["session"])[strings.LastIndex(one(s["session"]), " ")+1:], "parent="))
	return c.faults
}

// allowed wants every target to be one of some.
func (c *checker) allowed(what string, lines []string, patterns ...string) {
	one := regexp.MustCompile(`^\d+ (` + strings.Join(patterns, "|") + `)$`)
	if len(lines) == 0 {
		c.faults = append(c.faults, what+": there is none")
	}
	for _, line := range lines {
		if !one.MatchString(line) {
			c.faults = append(c.faults, fmt.Sprintf("%s %q is promised to nobody", what, line))
		}
	}
}

// machineMounts are those of the machine itself: the root, whose superblock is
// read-only, what Bay0 needs, and the images.
func machineMounts(p policy.Policy) []string {
	all := []string{"/ ro rootfs ro", "/dev rw,nosuid,noexec devtmpfs rw"}
	for _, m := range []string{
		"/proc proc", "/sys sysfs", "/sys/kernel/security securityfs", "/sys/fs/cgroup cgroup2", "/run tmpfs",
	} {
		target, kind, _ := strings.Cut(m, " ")
		line := target + " rw,nosuid,nodev,noexec " + kind + " rw"
		if kind == "tmpfs" {
			line += " mode=755,size=1024k"
		}
		all = append(all, line)
	}
	for _, r := range p.Rooms {
		all = append(all, abi.ImageMount(r.Name)+" ro,nosuid,nodev squashfs ro")
	}
	return all
}

// machineView is target, attributes and type of each mount, and whether the
// superblock can be written to.
func machineView(lines []string) (all []string) {
	for _, line := range lines {
		mount, fileSystem, _ := strings.Cut(line, " - ")
		m, f := strings.Fields(mount), strings.Fields(fileSystem)
		if len(m) < 6 || len(f) < 3 {
			continue
		}
		super, _, _ := strings.Cut(f[2], ",")
		line := fmt.Sprintf("%s %s %s %s", filepath.Clean(m[4]), onlyAttributes(m[5]), f[0], super)
		if f[0] == "tmpfs" {
			line += " " + wantedOptions(f[0], strings.Split(f[2], ","))
		}
		all = append(all, line)
	}
	return slices.Compact(all)
}

// machineStrays holds directories and devices of the machine to being root's, for
// nobody else to change.
func machineStrays(p policy.Policy, all map[string]state) []string {
	s, c := all["machine"], &checker{}
	want := []string{"/", "/dev", "/run", abi.RunDir}
	var loops []string
	for _, r := range p.Rooms {
		want = append(want, abi.RunDir+"/"+r.Name, "/sys/fs/cgroup/"+r.Name)
		if len(r.Sockets) > 0 {
			want = append(want, abi.RunDir+"/"+r.Name+"/sockets")
		}
		loops = append(loops, abi.ImagePath(r.Name)+" ro=1 autoclear=1")
	}
	for i := range want {
		want[i] += " 040755 0:0"
	}
	c.list("directory", want, s["directory"])
	c.list("loop device", loops, s["loop"])
	c.same("ctrl-alt-del", "0", one(s["ctrl-alt-del"])) // a signal, not a reset (reboot(2))
	c.same("watchdog", fmt.Sprint(p.Watchdog), one(s["watchdog"]))
	return c.faults
}
