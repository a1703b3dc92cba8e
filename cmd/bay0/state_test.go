package main_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/names"
	"github.com/anchor-os/anchor/release/vm"
	"golang.org/x/sys/unix"
)

// state is what the kernel says of one process that the reporter of testdata/state
// has looked at: lines by their first word.
type state map[string][]string

// states are those of the rooms by their names, of the governor and the launcher.
func states(result vm.Result) map[string]state {
	all := map[string]state{}
	for _, text := range lines(result, "state") {
		who, rest, _ := strings.Cut(text, " ")
		what, value, _ := strings.Cut(rest, " ")
		if all[who] == nil {
			all[who] = state{}
		}
		all[who][what] = append(all[who][what], value)
	}
	return all
}

// stateEnd is the last line of the reporter.
var stateEnd = regexp.MustCompile(`\] state: end`)

// strays are what in the states is not as a policy promises, by whose it is.
func strays(p policy.Policy, all map[string]state) map[string][]string {
	found := map[string][]string{
		"governor": governorStrays(p, all), "launcher": launcherStrays(p, all), "machine": machineStrays(p, all),
	}
	for _, r := range p.Rooms {
		found[r.Name] = roomStrays(p, r, all)
	}
	maps.DeleteFunc(found, func(_ string, faults []string) bool { return len(faults) == 0 })
	return found
}

// checker collects what is not as it should be.
type checker struct{ faults []string }

func (c *checker) same(what, want, got string) {
	if want != got {
		c.faults = append(c.faults, fmt.Sprintf("%s is %q, promised %q", what, got, want))
	}
}

// list wants the very same lines, in whatever order.
func (c *checker) list(what string, want, got []string) {
	for _, w := range want {
		if i := slices.Index(got, w); i >= 0 {
			got = slices.Delete(slices.Clone(got), i, i+1)
		} else {
			c.faults = append(c.faults, fmt.Sprintf("%s: %q is missing", what, w))
		}
	}
	for _, g := range got {
		c.faults = append(c.faults, fmt.Sprintf("%s: %q is there besides", what, g))
	}
}

// tasks wants every thread to be the same in these fields.
func (c *checker) tasks(s state, want map[string]string) {
	if len(s["task"]) == 0 {
		c.faults = append(c.faults, "it has no tasks")
	}
	for _, task := range s["task"] {
		got := map[string]string{}
		for _, f := range strings.Split(task, "|") {
			name, value, _ := strings.Cut(f, "=")
			got[name] = value
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			c.same(name, want[name], got[name])
		}
	}
}

func four(id uint32) string { return strings.TrimSpace(strings.Repeat(fmt.Sprintf("%d ", id), 4)) }

func set(capabilities uint64) string { return fmt.Sprintf("%016x", capabilities) }

// roomStrays holds a room's program to its policy.
func roomStrays(p policy.Policy, r policy.Room, all map[string]state) []string {
	s, c := all[r.Name], &checker{}
	if s == nil || s["absent"] != nil {
		return []string{"it is not in its control group"}
	}
	capabilities := set(uint64(r.Capabilities))
	c.tasks(s, map[string]string{
		"Uid": four(r.UID), "Gid": four(r.GID), "Groups": strings.Trim(fmt.Sprint(r.Groups), "[]"),
		"CapInh": capabilities, "CapPrm": capabilities, "CapEff": capabilities, "CapBnd": capabilities, "CapAmb": capabilities,
		"NoNewPrivs": "1", "Seccomp": "2", "Seccomp_filters": "1", "Umask": "0077",
	})
	c.list("mounts", wantedMounts(r), mounts(s["mount"]))
	c.list("nodes", wantedNodes(p, r), withoutNumbers(r, s["node"]))
	c.descriptors(r, s["fd"])
	c.list("control group", settings(r), s["cgroup"])
	c.namespaces(r.Name, s, all, r.Namespaces)
	for _, l := range r.Rlimits {
		c.same("limit "+names.Rlimit(l.Resource), limit(l.Soft)+" "+limit(l.Hard), limitOf(s["limit"], l.Resource))
	}
	c.same("oom_score_adj", fmt.Sprint(r.OOMScoreAdj), one(s["oom_score_adj"]))
	c.same("timer slack", "50000", one(s["timer-slack"]))
	c.same("its place among the control groups", "0::/"+r.Name, one(s["cgroup-path"]))
	c.same("root", "/", one(s["root"]))
	c.same("program", r.Argv[0], one(s["program"]))
	c.same("session", "leader=true tty=0 parent=1", one(s["session"]))
	return c.faults
}

func one(lines []string) string { return strings.Join(lines, "\n") }

func settings(r policy.Room) (all []string) {
	for _, s := range r.Cgroup {
		all = append(all, s.File+" "+s.Value)
	}
	return all
}

// mounts are lines of mountinfo as target, attributes, type, options of the file
// system, and propagation, of which there is to be none (proc_pid_mountinfo(5)).
func mounts(lines []string) (all []string) {
	for _, line := range lines {
		mount, fileSystem, _ := strings.Cut(line, " - ")
		m, f := strings.Fields(mount), strings.Fields(fileSystem)
		if len(m) < 6 || len(f) < 3 {
			all = append(all, line)
			continue
		}
		text := fmt.Sprintf("%s %s %s %s", m[4], onlyAttributes(m[5]), f[0], wantedOptions(f[0], strings.Split(f[2], ",")))
		all = append(all, strings.TrimSpace(text+" "+strings.Join(m[6:], " ")))
	}
	return all
}

// wantedOptions leaves of a file system's options those of which a policy speaks.
func wantedOptions(kind string, options []string) string {
	spoken := map[string][]string{
		"tmpfs": {"size", "nr_inodes", "mode", "uid", "gid"}, "proc": {"subset"}, "ext4": {"errors"}, "squashfs": {"ro"},
	}
	var all []string
	for _, o := range options {
		if key, _, _ := strings.Cut(o, "="); slices.Contains(spoken[kind], key) {
			all = append(all, o)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

// wantedMounts are those of promised_test.go with the options of their file systems.
// Nodes lie in the machine's own.
func wantedMounts(r policy.Room) []string {
	all := mountsOf(r)
	for i, m := range all {
		fields := strings.Fields(m)
		options := ""
		switch at := slices.IndexFunc(r.Mounts, func(m policy.Mount) bool { return m.Target == fields[0] }); {
		case at >= 0:
			options = wantedOptions(fields[2], kernelOptions(r.Mounts[at].Options))
		case fields[2] == "squashfs":
			options = "ro"
		case fields[2] == "tmpfs":
			options = "mode=755,size=1024k" // boot's own, of /run
		case fields[2] == "devtmpfs":
			options = ""
		}
		all[i] = strings.TrimSpace(m + " " + options)
	}
	return all
}

// kernelOptions are the options of a policy as the kernel shows them (tmpfs(5)):
// the owner only if it is not root.
func kernelOptions(options []policy.Option) (all []string) {
	for _, o := range options {
		switch o.Key {
		case "size":
			bytes, _ := strconv.Atoi(o.Value) // else the kernel had refused it
			o.Value = fmt.Sprintf("%dk", bytes/1024)
		case "mode":
			o.Value = strings.TrimPrefix(o.Value, "0")
		case "uid", "gid":
			if o.Value == "0" {
				continue
			}
		}
		all = append(all, o.Key+"="+o.Value)
	}
	return all
}

// wantedNodes are the devices and sockets that a room sees, and the files that Bay0
// wrote.
func wantedNodes(p policy.Policy, r policy.Room) (all []string) {
	groups := map[string]uint32{}
	for _, provider := range p.Rooms {
		for _, s := range provider.Sockets {
			groups[s.Path] = s.GID
		}
	}
	devices := map[string]uint32{} // a device's group is the last that was given to it, the same for all rooms
	for _, other := range p.Rooms {
		for _, b := range other.Binds {
			devices[b.Source] = max(devices[b.Source], b.GID)
		}
	}
	for _, b := range r.Binds {
		if b.Kind == policy.KindDevice {
			b.GID = devices[b.Source]
		}
		all = append(all, nodeOf(r, b, groups[b.Source]))
	}
	for _, f := range r.Files {
		all = append(all, f.Target+" 100444 0:0 0:0")
	}
	return all
}

// withoutNumbers leaves out the numbers of devices to which the kernel gives one at
// run time.
func withoutNumbers(r policy.Room, nodes []string) []string {
	all := slices.Clone(nodes)
	for _, b := range r.Binds {
		for i, node := range all {
			if b.Kind == policy.KindDevice && b.Major == 0 && strings.HasPrefix(node, b.Target+" ") {
				all[i] = node[:strings.LastIndex(node, " ")] + " 0:0"
			}
		}
	}
	return all
}

// descriptors wants standard input to be empty, output and error to be one pipe, and
// then the room's sockets. What else there is, the program made itself.
func (c *checker) descriptors(r policy.Room, fds []string) {
	open := map[string]string{}
	for _, fd := range fds {
		number, target, _ := strings.Cut(fd, " ")
		open[number] = target
	}
	c.same("descriptor 0", "/dev/null", open["0"])
	if !strings.HasPrefix(open["1"], "pipe:") || open["1"] != open["2"] {
		c.faults = append(c.faults, fmt.Sprintf("descriptors 1 and 2 are %q and %q, promised one pipe", open["1"], open["2"]))
	}
	for i := range r.Sockets {
		if at := strconv.Itoa(3 + i); !strings.HasPrefix(open[at], "socket:") {
			c.faults = append(c.faults, fmt.Sprintf("descriptor %s is %q, promised a socket", at, open[at]))
		}
	}
	for _, number := range slices.Sorted(maps.Keys(open)) {
		if n, _ := strconv.Atoi(number); n >= 3+len(r.Sockets) && !own(r, open[number]) {
			c.faults = append(c.faults, fmt.Sprintf("descriptor %s is %q, promised none", number, open[number]))
		}
	}
}

// own is what Go's runtime opens, and the socket on which a room of the tests
// listens.
func own(r policy.Room, target string) bool {
	listens := strings.HasPrefix(target, "socket:") && slices.Contains(r.Argv, "listen")
	return listens || strings.HasPrefix(target, "anon_inode:[event")
}

// namespaces wants those of flags to be the process's alone, and the others to be
// the governor's.
func (c *checker) namespaces(who string, s state, all map[string]state, flags uint64) {
	for _, n := range []struct {
		name string
		flag uint64
	}{
		{"mnt", abi.CloneNewNS}, {"cgroup", abi.CloneNewCgroup}, {"uts", abi.CloneNewUTS},
		{"ipc", abi.CloneNewIPC}, {"pid", abi.CloneNewPID}, {"net", abi.CloneNewNet},
	} {
		got := namespaceOf(s, n.name)
		if flags&n.flag == 0 {
			c.same(n.name+" namespace", namespaceOf(all["governor"], n.name), got)
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(all)) {
			if other != who && other != "end" && other != "machine" && got == namespaceOf(all[other], n.name) {
				c.faults = append(c.faults, fmt.Sprintf("%s namespace is that of %s", n.name, other))
			}
		}
	}
}

func namespaceOf(s state, name string) string {
	for _, line := range s["ns"] {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return value
		}
	}
	return "none"
}

func limit(n uint64) string {
	if n == policy.RlimitInfinity {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}

// limitWords begin the lines of /proc/PID/limits (fs/proc/base.c, lnames).
var limitWords = map[uint32]string{
	unix.RLIMIT_CORE: "Max core file size ", unix.RLIMIT_NOFILE: "Max open files ", unix.RLIMIT_MSGQUEUE: "Max msgqueue size ",
	unix.RLIMIT_NICE: "Max nice priority ", unix.RLIMIT_RTPRIO: "Max realtime priority ",
}

func limitOf(lines []string, resource uint32) string {
	for _, line := range lines {
		if rest, found := strings.CutPrefix(line, limitWords[resource]); found && limitWords[resource] != "" {
			f := strings.Fields(rest)
			return strings.Join(f[:min(2, len(f))], " ")
		}
	}
	return "unknown"
}
