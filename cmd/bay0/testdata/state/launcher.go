package launch

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// reportState is laid over the launcher for a test build. When the rooms are up it
// writes to the kernel's log what the kernel says of each room's program, of the
// governor and of the launcher itself: a line "state: WHO WHAT ..." for each thing.
func reportState(v *blob.View) {
	log, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "state:", err)
		return
	}
	defer log.Close()
	waitForQuiet()
	r := reporter{log}
	r.process("governor", 1)
	r.process("launcher", os.Getpid())
	r.modes("/", "/dev", "/run", "/run/rooms", "/run/rooms/*", "/run/rooms/*/sockets", cgroupRoot+"/*")
	r.loops()
	r.say("machine", "ctrl-alt-del %s", read("/proc/sys/kernel/ctrl-alt-del"))
	r.say("machine", "watchdog %s", read("/sys/class/watchdog/watchdog0/timeout"))
	for i := range v.Rooms() {
		r.room(v.Room(i))
	}
	r.say("end", "")
}

// patience is how often the machine was found idle, and nobody had said a word, where a
// room will never be ready.
const patience = 100

// waitForQuiet reads the kernel's log up to Bay0's verdict, or until there is nobody
// left who has anything to do: none will come. That no host is too busy for.
func waitForQuiet() {
	verdict := make(chan struct{})
	go func() { waitForVerdict(); close(verdict) }()
	log, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(log)
	for quiet := 0; quiet < patience; {
		record := make([]byte, 8192)
		if n, err := unix.Read(log, record); err == nil && n > 0 && !strings.Contains(string(record[:n]), "the launcher does not answer") {
			quiet = 0
			continue
		}
		// Who reads is running (proc_stat(5)).
		if stat := read("/proc/stat"); strings.Contains(stat, "procs_running 1\n") && strings.Contains(stat, "procs_blocked 0\n") {
			quiet++
		}
		select {
		case <-verdict:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

type reporter struct{ log *os.File }

func (r reporter) say(who, format string, args ...any) {
	fmt.Fprintf(r.log, "<5>state: %s %s\n", who, fmt.Sprintf(format, args...)) // one write, one record
}

// modes reports who may do what with directories of the machine.
func (r reporter) modes(patterns ...string) {
	for _, p := range patterns {
		found, _ := filepath.Glob(p)
		for _, path := range found {
			var st unix.Stat_t
			if unix.Lstat(path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
				r.say("machine", "directory %s %06o %d:%d", path, st.Mode, st.Uid, st.Gid)
			}
		}
	}
}

// loops reports the devices that the images are mounted from (kernel:
// Documentation/ABI/testing/sysfs-block-loop).
func (r reporter) loops() {
	found, _ := filepath.Glob("/sys/block/loop*/loop/backing_file")
	for _, file := range found {
		loop := filepath.Dir(filepath.Dir(file))
		r.say("machine", "loop %s ro=%s autoclear=%s", read(file), read(loop+"/ro"), read(loop+"/loop/autoclear"))
	}
}

// room reports the program, which is pid 1 of its namespace, and what is the room's
// besides.
func (r reporter) room(room blob.Room) {
	name := string(room.Name())
	pids := strings.Fields(read(cgroupOf(room) + "/cgroup.procs"))
	at := slices.IndexFunc(pids, func(pid string) bool {
		numbers := strings.Fields(field(read("/proc/"+pid+"/status"), "NSpid"))
		return len(numbers) == 2 && numbers[1] == "1"
	})
	if at < 0 {
		r.say(name, "absent")
		return
	}
	var pid int
	fmt.Sscan(pids[at], &pid)
	r.process(name, pid)
	for i := range room.Cgroup().Len() {
		file, _ := room.Cgroup().At(i)
		r.say(name, "cgroup %s %s", file, read(cgroupOf(room)+"/"+string(file)))
	}
	for line := range strings.Lines(read(cgroupOf(room) + "/cpu.stat")) {
		if count, found := strings.CutPrefix(strings.TrimSpace(line), "nr_throttled "); found {
			r.say(name, "throttled %s", count)
		}
	}
	for _, dir := range []string{"/dev", "/run", "/run/sockets"} {
		r.nodes(name, fmt.Sprintf("/proc/%d/root", pid), dir)
	}
}

// fields of /proc/PID/status that are a thread's own.
var fields = []string{"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters", "Umask"}

// limits are those of which a policy speaks, by their names in /proc/PID/limits.
var limits = []string{"core file size", "open files", "msgqueue size", "nice priority", "realtime priority"}

func (r reporter) process(who string, pid int) {
	proc := fmt.Sprintf("/proc/%d/", pid)
	tasks, _ := os.ReadDir(proc + "task")
	said := map[string]bool{} // threads that are the same are one line
	for _, task := range tasks {
		status := read(proc + "task/" + task.Name() + "/status")
		var all []string
		for _, f := range fields {
			all = append(all, f+"="+strings.Join(strings.Fields(field(status, f)), " "))
		}
		if line := strings.Join(all, "|"); !said[line] {
			said[line] = true
			r.say(who, "task %s", line)
		}
	}
	for line := range strings.Lines(read(proc + "mountinfo")) {
		r.say(who, "mount %s", strings.TrimSpace(line))
	}
	r.links(who, "fd", proc+"fd")
	r.links(who, "ns", proc+"ns")
	for _, task := range tasks {
		if network := link(proc + "task/" + task.Name() + "/ns/net"); !said[network] {
			said[network] = true
			r.say(who, "thread-net %s", network)
		}
	}
	for line := range strings.Lines(read(proc + "limits")) {
		if !slices.ContainsFunc(limits, func(name string) bool { return strings.HasPrefix(line, "Max "+name) }) {
			continue
		}
		r.say(who, "limit %s", strings.Join(strings.Fields(line), " "))
	}
	r.say(who, "oom_score_adj %s", read(proc+"oom_score_adj"))
	r.say(who, "timer-slack %s", read(proc+"timerslack_ns"))
	r.say(who, "cgroup-path %s", read(proc+"cgroup"))
	r.say(who, "root %s", link(proc+"root"))
	r.say(who, "program %s", link(proc+"exe"))
	// pid (comm) state ppid pgrp session tty_nr (proc_pid_stat(5))
	_, rest, _ := strings.Cut(read(proc+"stat"), ") ")
	if f := strings.Fields(rest); len(f) > 4 {
		r.say(who, "session leader=%v tty=%s parent=%s", f[3] == fmt.Sprint(pid), f[4], f[1])
	}
}

func (r reporter) links(who, what, dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if target := link(dir + "/" + e.Name()); target != "" {
			r.say(who, "%s %s %s", what, e.Name(), target)
		}
	}
}

// nodes reports what a directory of the room holds besides directories.
func (r reporter) nodes(who, root, dir string) {
	entries, _ := os.ReadDir(root + dir)
	for _, e := range entries {
		var st unix.Stat_t
		path := filepath.Join(dir, e.Name())
		if e.Type() == fs.ModeDir || unix.Lstat(root+path, &st) != nil {
			continue
		}
		r.say(who, "node %s %06o %d:%d %d:%d", path, st.Mode, st.Uid, st.Gid, unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
}

func read(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(b))
}

func link(path string) string {
	target, err := os.Readlink(path)
	if err != nil {
		return ""
	}
	return target
}

func field(status, name string) string {
	for line := range strings.Lines(status) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return value
		}
	}
	return "?"
}
