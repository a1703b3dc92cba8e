package lower

import (
	"cmp"
	"slices"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

const (
	page = 4096 // smallest page size of both architectures, in bytes

	// inert is what every file system of a room is mounted with.
	inert = abi.MountNoSUID | abi.MountNoDev | abi.MountNoExec

	// skeleton is the size of a tmpfs that only holds mount points, in bytes: more of
	// them than a room can have binds.
	skeleton = 64 * page
)

// mounts are /dev, /proc and /run, read-only once Bay0 has filled them, the room's
// own tmpfs and its volumes. None of them can run a program: only the image can.
func mounts(r check.Room) []policy.Mount {
	all := []policy.Mount{
		{Target: "/dev", Type: "tmpfs", Attributes: inert | abi.MountReadOnly, Options: tmpfs(0, "0755", skeleton)},
		// subset=pid leaves out all of /proc that is about the machine
		// (kernel: Documentation/filesystems/proc.rst, chapter 4).
		{Target: "/proc", Type: "proc", Attributes: inert | abi.MountReadOnly,
			Options: []policy.Option{{Key: "subset", Value: "pid"}}},
		{Target: "/run", Type: "tmpfs", Attributes: inert | abi.MountReadOnly, Options: tmpfs(0, "0755", skeleton)},
	}
	for _, t := range r.Tmpfs {
		all = append(all, policy.Mount{Target: t.Path, Type: "tmpfs", Attributes: inert, Options: tmpfs(r.User, "0700", t.Size)})
	}
	for _, v := range r.Volumes {
		all = append(all, volume(v))
	}
	slices.SortFunc(all, func(a, b policy.Mount) int { return cmp.Compare(a.Target, b.Target) })
	return all
}

// volume is an ext4 on the partition of its name. A file system that finds itself
// damaged takes no more writes (ext4(5), errors=).
func volume(v check.Volume) policy.Mount {
	m := policy.Mount{Target: v.Path, Type: "ext4", Attributes: inert, Partition: v.Name,
		Options: []policy.Option{{Key: "errors", Value: "remount-ro"}}}
	if v.ReadOnly {
		m.Attributes |= abi.MountReadOnly
	}
	return m
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
// Documentation/admin-guide/devices.txt).
var basicDevices = []check.Device{
	{Path: "/dev/full", Major: 1, Minor: 7, Writable: true},
	{Path: "/dev/null", Major: 1, Minor: 3, Writable: true},
	{Path: "/dev/random", Major: 1, Minor: 8, Writable: true},
	{Path: "/dev/urandom", Major: 1, Minor: 9, Writable: true},
	{Path: "/dev/zero", Major: 1, Minor: 5, Writable: true},
}

func devices(r check.Room) []check.Device { return slices.Concat(basicDevices, r.Devices) }

func (m *machine) binds(r check.Room) []policy.Bind {
	all := channelBinds(r)
	for _, d := range devices(r) {
		all = append(all, policy.Bind{
			Target: d.Path, Source: d.Path,
			Attributes: abi.MountNoSUID | abi.MountNoExec, // nodev would make it useless
			Kind:       policy.KindDevice, Major: d.Major, Minor: d.Minor,
			GID: m.channels[d.Path], // 0 for a basic device, which is for everybody
		})
	}
	if r.ReadinessNotify {
		all = append(all, policy.Bind{
			Target: policy.NotifyTarget, Source: abi.NotifySource(r.Name),
			Attributes: inert, Kind: policy.KindSocket,
		})
	}
	slices.SortFunc(all, func(a, b policy.Bind) int { return cmp.Compare(a.Target, b.Target) })
	return all
}

const (
	readOnly = policy.LandlockReadFile | policy.LandlockReadDir
	// readWrite is all that a tmpfs can be used for, but to run programs and to
	// make device nodes.
	readWrite = abi.LandlockFS &^ (policy.LandlockExecute | policy.LandlockIoctlDev |
		policy.LandlockMakeChar | policy.LandlockMakeBlock)
)

// landlock grants reading and running the image, and using the devices, tmpfs and
// volumes. A rule reaches everything beneath its path, so the one for "/" would
// let a program in a tmpfs run too: that is noexec's part.
func landlock(r check.Room) policy.Landlock {
	rules := []policy.PathRule{{Path: "/", Access: readOnly | policy.LandlockExecute}}
	grant := func(path string, writable bool, read, write uint64) {
		if !writable {
			write = read
		}
		rules = append(rules, policy.PathRule{Path: path, Access: write})
	}
	for _, d := range devices(r) {
		grant(d.Path, d.Writable, policy.LandlockReadFile, policy.LandlockReadFile|policy.LandlockWriteFile)
	}
	for _, t := range r.Tmpfs {
		grant(t.Path, true, readOnly, readWrite)
	}
	for _, v := range r.Volumes {
		grant(v.Path, !v.ReadOnly, readOnly, readWrite)
	}
	slices.SortFunc(rules, func(a, b policy.PathRule) int { return cmp.Compare(a.Path, b.Path) })
	return policy.Landlock{
		HandledFS:  abi.LandlockFS,
		HandledNet: abi.LandlockNet,
		Scoped:     abi.LandlockScopes,
		Paths:      rules,
		Ports:      ports(r),
	}
}
