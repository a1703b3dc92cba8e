package lower

import (
	"cmp"
	"slices"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/policy"
)

const (
	page = 4096 // smallest page size of both architectures, in bytes

	// inert is what every file system of a room is mounted with.
	inert = policy.MountNoSUID | policy.MountNoDev | policy.MountNoExec

	// skeleton is the size of a tmpfs that only holds mount points, in bytes.
	skeleton = 16 * page
)

// mounts are /dev, /proc and /run, read-only once Bay0 has filled them, and the
// room's own tmpfs. None of them can run a program: only the image can.
func mounts(r check.Room) []policy.Mount {
	all := []policy.Mount{
		{Target: "/dev", Type: "tmpfs", Attributes: inert | policy.MountReadOnly, Options: tmpfs(0, "0755", skeleton)},
		// subset=pid leaves out all of /proc that is about the machine
		// (kernel: Documentation/filesystems/proc.rst, chapter 4).
		{Target: "/proc", Type: "proc", Attributes: inert | policy.MountReadOnly,
			Options: []policy.Option{{Key: "subset", Value: "pid"}}},
		{Target: "/run", Type: "tmpfs", Attributes: inert | policy.MountReadOnly, Options: tmpfs(0, "0755", skeleton)},
	}
	for _, t := range r.Tmpfs {
		all = append(all, policy.Mount{Target: t.Path, Type: "tmpfs", Attributes: inert, Options: tmpfs(r.User, "0700", t.Size)})
	}
	slices.SortFunc(all, func(a, b policy.Mount) int { return cmp.Compare(a.Target, b.Target) })
	return all
}

// tmpfs gives the options of a tmpfs(5) of size bytes. Its inodes are bounded
// too: an empty file takes no page of size, but kernel memory all the same.
func tmpfs(owner uint32, mode string, size uint64) []policy.Option {
	id := decimal(uint64(owner))
	return []policy.Option{
		{Key: "gid", Value: id},
		{Key: "mode", Value: mode},
		{Key: "nr_inodes", Value: decimal(max(size/page, 16))},
		{Key: "size", Value: decimal(size)},
		{Key: "uid", Value: id},
	}
}

// basicDevices are the nodes that no program can do without and that tell
// nothing about the machine, all of major number 1 (kernel:
// Documentation/admin-guide/devices.txt). Ascending by path.
var basicDevices = []struct {
	path  string
	minor uint32
}{
	{"/dev/full", 7},
	{"/dev/null", 3},
	{"/dev/random", 8},
	{"/dev/urandom", 9},
	{"/dev/zero", 5},
}

func binds(r check.Room) []policy.Bind {
	var all []policy.Bind
	for _, d := range basicDevices {
		all = append(all, policy.Bind{
			Target: d.path, Source: d.path,
			Attributes: policy.MountNoSUID | policy.MountNoExec, // nodev would make it useless
			Kind:       policy.KindDevice, Major: 1, Minor: d.minor,
		})
	}
	if r.ReadinessNotify {
		all = append(all, policy.Bind{
			Target: policy.NotifyTarget, Source: policy.NotifySource(r.Name),
			Attributes: inert, Kind: policy.KindSocket,
		})
	}
	return all
}

// environment is the passport's, and where to say READY=1 (sd_notify(3)).
func environment(r check.Room) []string {
	var all []string
	for _, v := range r.Environment {
		all = append(all, v.Name+"="+v.Value)
	}
	if r.ReadinessNotify {
		all = append(all, "NOTIFY_SOCKET="+policy.NotifyTarget)
	}
	slices.Sort(all)
	return all
}

const (
	readOnly = policy.LandlockReadFile | policy.LandlockReadDir
	// readWrite is all that a tmpfs can be used for, but to run programs and to
	// make device nodes.
	readWrite = policy.LandlockFS &^ (policy.LandlockExecute | policy.LandlockIoctlDev |
		policy.LandlockMakeChar | policy.LandlockMakeBlock)
	device = policy.LandlockReadFile | policy.LandlockWriteFile
)

// landlock grants reading and running the image, the devices and the tmpfs. A
// rule reaches everything beneath its path, so the one for "/" would let a
// program in a tmpfs run too: that is noexec's part.
func landlock(r check.Room) policy.Landlock {
	rules := []policy.PathRule{{Path: "/", Access: readOnly | policy.LandlockExecute}}
	for _, d := range basicDevices {
		rules = append(rules, policy.PathRule{Path: d.path, Access: device})
	}
	for _, t := range r.Tmpfs {
		rules = append(rules, policy.PathRule{Path: t.Path, Access: readWrite})
	}
	slices.SortFunc(rules, func(a, b policy.PathRule) int { return cmp.Compare(a.Path, b.Path) })
	return policy.Landlock{
		HandledFS:  policy.LandlockFS,
		HandledNet: policy.LandlockNet,
		Scoped:     policy.LandlockScopes,
		Paths:      rules,
	}
}
