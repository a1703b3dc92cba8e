package lower_test

import (
	"testing"
	"time"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/lower"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// least is a room with nothing but what every room has.
func least() check.Room {
	return check.Room{
		Name: "web", Hostname: "web", WorkingDirectory: "/", Exec: []string{"/bin/web"}, User: 10001,
		MemoryMax: 16 << 20, Pids: 16, OpenFiles: 256, StartTimeout: 5 * time.Second,
		SystemCalls: check.SystemCalls{Calls: []string{"execve", "exit_group", "read", "write"}},
	}
}

func compile(t *testing.T, arch policy.Arch, r check.Room) policy.Policy {
	t.Helper()
	p, err := lower.Policy(arch, &check.Checked{
		System: check.System{Version: 2, Floor: 1, CommandLine: []string{"console=ttyAMA0", "panic=-1"}},
		Rooms:  []check.Room{r},
	}, map[string]policy.Image{"web": {Size: 1, SHA256: [32]byte{1}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encode.Encode(p); err != nil {
		t.Errorf("Bay0 would refuse it: %v", err)
	}
	return p
}

const inert = policy.MountNoSUID | policy.MountNoDev | policy.MountNoExec

func skeleton() []policy.Option {
	return []policy.Option{
		{Key: "gid", Value: "0"}, {Key: "mode", Value: "0755"}, {Key: "nr_inodes", Value: "16"},
		{Key: "size", Value: "65536"}, {Key: "uid", Value: "0"},
	}
}

func device(path string, minor uint32) policy.Bind {
	return policy.Bind{Target: path, Source: path, Attributes: policy.MountNoSUID | policy.MountNoExec,
		Kind: policy.KindDevice, Major: 1, Minor: minor}
}

// The least room gets the least: five devices, an unwritable root, no network.
func TestLeastRoom(t *testing.T) {
	want := policy.Policy{
		Arch: policy.AArch64, Version: 2, Floor: 1, LandlockABI: 6, Settle: 10_000, Watchdog: 30,
		CommandLine: "console=ttyAMA0 panic=-1 printk.devkmsg=on rdinit=/bin/bay0 init=/bin/bay0",
		Rooms: []policy.Room{{
			Name: "web", Hostname: "web", Argv: []string{"/bin/web"}, Directory: "/", UID: 10001, GID: 10001,
			StartTimeout: 5000, OOMScoreAdj: 500, Log: policy.LogLimit{Burst: 500, PerSecond: 50}, Namespaces: 0x6e020000,
			Image:  policy.Image{Size: 1, SHA256: [32]byte{1}},
			Cgroup: []policy.Setting{{File: "memory.max", Value: "16777216"}, {File: "pids.max", Value: "16"}},
			Rlimits: []policy.Rlimit{
				{Resource: 4}, {Resource: 7, Soft: 256, Hard: 256}, {Resource: 12}, {Resource: 13}, {Resource: 14},
			},
			Mounts: []policy.Mount{
				{Target: "/dev", Type: "tmpfs", Attributes: inert | policy.MountReadOnly, Options: skeleton()},
				{Target: "/proc", Type: "proc", Attributes: inert | policy.MountReadOnly, Options: []policy.Option{{Key: "subset", Value: "pid"}}},
				{Target: "/run", Type: "tmpfs", Attributes: inert | policy.MountReadOnly, Options: skeleton()},
			},
			Binds: []policy.Bind{
				device("/dev/full", 7), device("/dev/null", 3), device("/dev/random", 8),
				device("/dev/urandom", 9), device("/dev/zero", 5),
			},
			Landlock: policy.Landlock{HandledFS: 0xffff, HandledNet: 3, Scoped: 3, Paths: []policy.PathRule{
				{Path: "/", Access: 0xd}, // execute, read_file, read_dir
				{Path: "/dev/full", Access: 0x6}, {Path: "/dev/null", Access: 0x6}, {Path: "/dev/random", Access: 0x6},
				{Path: "/dev/urandom", Access: 0x6}, {Path: "/dev/zero", Access: 0x6}, // read_file, write_file
			}},
		}},
	}
	got := compile(t, policy.AArch64, least())
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(policy.Room{}, "Filter")); diff != "" {
		t.Error(diff)
	}
	if len(got.Rooms[0].Filter) == 0 {
		t.Error("the room has no filter")
	}
}

// Each key of a passport adds what it says, and nothing else.
func TestEachKeyAddsItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		add  func(*check.Room)
		want func(*policy.Room)
	}{
		"critical": {
			func(r *check.Room) { r.Critical = true },
			func(r *policy.Room) { r.Critical, r.OOMScoreAdj = true, 100 },
		},
		"environment in order": {
			func(r *check.Room) {
				r.Environment = []check.EnvVar{{Name: "LANG", Value: "C"}, {Name: "HOME", Value: "/"}}
			},
			func(r *policy.Room) { r.Environment = []string{"HOME=/", "LANG=C"} },
		},
		"memory in whole pages": {
			func(r *check.Room) { r.MemoryMax, r.MemoryHigh = 16<<20+1024, 8<<20+4095 },
			func(r *policy.Room) {
				r.Cgroup = []policy.Setting{
					{File: "memory.high", Value: "8388608"}, {File: "memory.max", Value: "16777216"}, {File: "pids.max", Value: "16"},
				}
			},
		},
		"cpu": {
			func(r *check.Room) { r.CPUQuotaPercent, r.CPUWeight = 150, 10 },
			func(r *policy.Room) {
				r.Cgroup = []policy.Setting{
					{File: "cpu.max", Value: "150000 100000"}, {File: "cpu.weight", Value: "10"},
					{File: "memory.max", Value: "16777216"}, {File: "pids.max", Value: "16"},
				}
			},
		},
		"readiness": {
			func(r *check.Room) { r.ReadinessNotify = true },
			func(r *policy.Room) {
				r.Notify = true
				r.Environment = []string{"NOTIFY_SOCKET=/run/notify"}
				r.Binds = append(r.Binds, policy.Bind{Target: "/run/notify", Source: "/run/rooms/web/notify",
					Attributes: inert, Kind: policy.KindSocket})
			},
		},
		"tmpfs": {
			func(r *check.Room) { r.Tmpfs = []check.Tmpfs{{Path: "/tmp", Size: 8 << 20}} },
			func(r *policy.Room) {
				r.Mounts = append(r.Mounts, policy.Mount{Target: "/tmp", Type: "tmpfs", Attributes: inert, Options: []policy.Option{
					{Key: "gid", Value: "10001"}, {Key: "mode", Value: "0700"}, {Key: "nr_inodes", Value: "2048"},
					{Key: "size", Value: "8388608"}, {Key: "uid", Value: "10001"},
				}})
				// All but execute, ioctl_dev, make_char and make_block.
				r.Landlock.Paths = append(r.Landlock.Paths, policy.PathRule{Path: "/tmp", Access: 0x77be})
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := least()
			c.add(&r)
			want := compile(t, policy.AArch64, least())
			c.want(&want.Rooms[0])
			if diff := cmp.Diff(want, compile(t, policy.AArch64, r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFailureActionAndFilterFollowTheirKeys(t *testing.T) {
	off, err := lower.Policy(policy.AArch64, &check.Checked{System: check.System{PowerOffOnFailure: true}}, nil)
	if err != nil || off.OnFailure != policy.PowerOff {
		t.Errorf("on failure %v (%v)", off.OnFailure, err)
	}
	kill := least()
	kill.SystemCalls.Kill = true
	if cmp.Equal(compile(t, policy.AArch64, least()).Rooms[0].Filter, compile(t, policy.AArch64, kill).Rooms[0].Filter) {
		t.Error("kill and errno give the same filter")
	}
	if cmp.Equal(compile(t, policy.AArch64, least()).Rooms[0].Filter, compile(t, policy.X8664, least()).Rooms[0].Filter) {
		t.Error("two architectures give the same filter")
	}
}
