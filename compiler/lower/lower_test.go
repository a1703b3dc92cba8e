package lower_test

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/compiler/lower"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// least is a room with nothing but what every room has.
func least() check.Room {
	return check.Room{
		Name: "web", Hostname: "web", WorkingDirectory: "/", Exec: []string{"/bin/web"}, User: 10001,
		Families: []string{"AF_UNIX"}, MemoryMax: 16 << 20, Pids: 16, OpenFiles: 256, StartTimeout: 5 * time.Second, StopTimeout: 5 * time.Second,
		SystemCalls: check.SystemCalls{Calls: []string{"execve", "exit_group", "read", "socket", "write"}},
	}
}

func compile(t *testing.T, arch abi.Arch, r check.Room) policy.Policy {
	t.Helper()
	p, err := lower.Policy(arch, &check.Checked{
		System: check.System{Version: 2, Floor: 1, CommandLine: []string{"console=ttyAMA0", "panic=-1"},
			Settle: 10 * time.Second, Watchdog: 30 * time.Second},
		Rooms: []check.Room{r},
	}, map[string]policy.Image{"web": {Size: 1, SHA256: [32]byte{1}}}, rules(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encode.Encode(p); err != nil {
		t.Errorf("Bay0 would refuse it: %v", err)
	}
	return p
}

const inert = abi.MountNoSUID | abi.MountNoDev | abi.MountNoExec

func skeleton() []policy.Option {
	return []policy.Option{
		{Key: "gid", Value: "0"}, {Key: "mode", Value: "0755"}, {Key: "nr_inodes", Value: "64"},
		{Key: "size", Value: "262144"}, {Key: "uid", Value: "0"},
	}
}

func device(path string, minor uint32) policy.Bind {
	return policy.Bind{Target: path, Source: path, Attributes: abi.MountNoSUID | abi.MountNoExec,
		Kind: policy.KindDevice, Major: 1, Minor: minor}
}

// The least room gets the least: five devices, an unwritable root, no network.
// rules are two for the running kernel, of which one needs a parameter.
func rules(t *testing.T) hardening.Rules {
	t.Helper()
	r, faults := hardening.Read("rules.hcl", []byte(`
sysctl "kernel.kptr_restrict" {
  value  = 2
  set    = true
  reason = "a reason of some length"
  source = "kernel: a document"
  class  = "self-protection"
}
file "/proc/modules" {
  absent = true
  reason = "a reason of some length"
  source = "kernel: a document"
  class  = "attack-surface"
}
`))
	if faults.HasErrors() {
		_ = faults.WriteText(os.Stderr, false)
		t.Fatal("the rules are faulty")
	}
	return r
}

func TestLeastRoom(t *testing.T) {
	want := policy.Policy{
		Arch: abi.AArch64, Version: 2, Floor: 1, LandlockABI: 6, Settle: 10_000, Watchdog: 30,
		CommandLine: "console=ttyAMA0 panic=-1 sysctl.kernel.kptr_restrict=2 printk.devkmsg=on rdinit=/bin/bay0 init=/bin/bay0",
		Invariants: []policy.Invariant{
			{Path: "/proc/modules", Kind: abi.InvariantAbsent},
			{Path: "/proc/sys/kernel/kptr_restrict", Kind: abi.InvariantRange, Min: 2, Max: 2},
		},
		Rooms: []policy.Room{{
			Name: "web", Hostname: "web", Argv: []string{"/bin/web"}, Directory: "/", UID: 10001, GID: 10001,
			StartTimeout: 5000, StopTimeout: 5000, OOMScoreAdj: 500, Log: abi.LogLimit{Burst: 500, PerSecond: 50}, Namespaces: 0x6e020000,
			Image:  policy.Image{Size: 1, SHA256: [32]byte{1}},
			Cgroup: []policy.Setting{{File: "memory.max", Value: "16777216"}, {File: "pids.max", Value: "16"}},
			Rlimits: []abi.Rlimit{
				{Resource: 4}, {Resource: 7, Soft: 256, Hard: 256}, {Resource: 12}, {Resource: 13}, {Resource: 14},
			},
			Mounts: []policy.Mount{
				{Target: "/dev", Type: "tmpfs", Attributes: inert | abi.MountReadOnly, Options: skeleton()},
				{Target: "/proc", Type: "proc", Attributes: inert | abi.MountReadOnly, Options: []policy.Option{{Key: "subset", Value: "pid"}}},
				{Target: "/run", Type: "tmpfs", Attributes: inert | abi.MountReadOnly, Options: skeleton()},
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
	got := compile(t, abi.AArch64, least())
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(policy.Room{}, "Filter"), cmpopts.IgnoreFields(policy.Policy{}, "Filter")); diff != "" {
		t.Error(diff)
	}
	if len(got.Rooms[0].Filter) == 0 || len(got.Filter) == 0 {
		t.Error("the room or Bay0 has no filter")
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
		"stop timeout": {
			func(r *check.Room) { r.StopTimeout = 2 * time.Second },
			func(r *policy.Room) { r.StopTimeout = 2000 },
		},
		"watchdog": {
			func(r *check.Room) { r.ReadinessNotify, r.Watchdog = true, 10*time.Second },
			func(r *policy.Room) {
				r.Watchdog = 10_000
				r.Notify = true
				r.Environment = []string{"NOTIFY_SOCKET=/run/notify", "WATCHDOG_USEC=10000000"}
				r.Binds = append(r.Binds, policy.Bind{Target: "/run/notify", Source: "/run/rooms/web/notify",
					Attributes: inert, Kind: policy.KindSocket})
			},
		},
		"capability": {
			func(r *check.Room) { r.Capabilities = []string{"NET_BIND_SERVICE"} },
			func(r *policy.Room) { r.Capabilities = 1 << 10 },
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
		"order": {
			func(r *check.Room) { r.After = nil; r.Restart = abi.RestartOnFailure },
			func(r *policy.Room) {
				r.Restart = abi.Restart{Mode: abi.RestartOnFailure, Delay: 100, DelayMax: 30_000, Limit: 10}
			},
		},
		"volume": {
			func(r *check.Room) { r.Volumes = []check.Volume{{Name: "work", Path: "/zdata"}} },
			func(r *policy.Room) {
				r.Mounts = append(r.Mounts, policy.Mount{Target: "/zdata", Type: "ext4", Attributes: inert, Partition: "work",
					Options: []policy.Option{{Key: "errors", Value: "remount-ro"}}})
				r.Landlock.Paths = append(r.Landlock.Paths, policy.PathRule{Path: "/zdata", Access: 0x77be})
			},
		},
		"volume that is read-only": {
			func(r *check.Room) { r.Volumes = []check.Volume{{Name: "work", Path: "/zdata", ReadOnly: true}} },
			func(r *policy.Room) {
				r.Mounts = append(r.Mounts, policy.Mount{Target: "/zdata", Type: "ext4", Attributes: inert | abi.MountReadOnly, Partition: "work",
					Options: []policy.Option{{Key: "errors", Value: "remount-ro"}}})
				r.Landlock.Paths = append(r.Landlock.Paths, policy.PathRule{Path: "/zdata", Access: 0xc}) // read_file, read_dir
			},
		},
		"device": {
			func(r *check.Room) { r.Devices = []check.Device{{Path: "/dev/zzz", Major: 10, Minor: 183}} },
			func(r *policy.Room) {
				b := device("/dev/zzz", 183)
				b.Major, b.GID = 10, 20000
				r.Groups = []uint32{20000}
				r.Binds = append(r.Binds, b)
				r.Landlock.Paths = append(r.Landlock.Paths, policy.PathRule{Path: "/dev/zzz", Access: 0x4}) // read_file
			},
		},
		"socket provided": {
			func(r *check.Room) {
				r.Sockets = []check.Socket{{Name: "a", Type: abi.SocketStream}, {Name: "b", Type: abi.SocketSeqPacket}}
			},
			func(r *policy.Room) {
				r.Environment = []string{"LISTEN_FDNAMES=a:b", "LISTEN_FDS=2", "LISTEN_PID=1"}
				r.Sockets = []policy.Socket{
					{Name: "a", Path: "/run/rooms/web/sockets/a", Type: abi.SocketStream, GID: 20000},
					{Name: "b", Path: "/run/rooms/web/sockets/b", Type: abi.SocketSeqPacket, GID: 20001},
				}
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
			want := compile(t, abi.AArch64, least())
			c.want(&want.Rooms[0])
			if diff := cmp.Diff(want, compile(t, abi.AArch64, r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The channel of a socket is the provider's and the consumer's alike.
func TestSocketConnectsTwoRooms(t *testing.T) {
	provider, consumer := least(), least()
	provider.Sockets = []check.Socket{{Name: "secrets", Type: abi.SocketStream, Clients: []string{"work"}}}
	consumer.Name, consumer.User = "work", 10002
	consumer.After = []string{"web"}
	consumer.Connects = []check.Connect{{Room: "web", Socket: "secrets"}}
	p, err := lower.Policy(abi.AArch64, &check.Checked{
		System: check.System{Version: 1, Floor: 1, CommandLine: []string{"quiet"}, Watchdog: 30 * time.Second},
		Rooms:  []check.Room{provider, consumer},
	}, nil, hardening.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encode.Encode(p); err != nil {
		t.Errorf("Bay0 would refuse it: %v", err)
	}
	got := p.Rooms[1]
	if diff := cmp.Diff([]uint32{p.Rooms[0].Sockets[0].GID}, got.Groups); diff != "" {
		t.Error(diff)
	}
	want := policy.Bind{Target: "/run/sockets/secrets", Source: "/run/rooms/web/sockets/secrets", Attributes: inert, Kind: policy.KindSocket}
	if diff := cmp.Diff(want, got.Binds[len(got.Binds)-1]); diff != "" {
		t.Error(diff)
	}
}

func TestHostNetwork(t *testing.T) {
	r := least()
	r.Host, r.Connect, r.Bind = true, []uint16{443, 8080}, []uint16{8080}
	r.Families = []string{"AF_UNIX", "AF_INET", "AF_INET6"}
	p, err := lower.Policy(abi.AArch64, &check.Checked{
		System: check.System{Version: 1, Floor: 1, CommandLine: []string{"quiet"}, Watchdog: 30 * time.Second, Network: &check.Network{
			Interface: "eth0", Address: netip.MustParsePrefix("10.0.2.15/24"), Gateway: netip.MustParseAddr("10.0.2.2"),
			Nameservers: []netip.Addr{netip.MustParseAddr("10.0.2.3"), netip.MustParseAddr("10.0.2.4")},
		}},
		Rooms: []check.Room{r},
	}, nil, hardening.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	const line = "quiet ip=10.0.2.15::10.0.2.2:255.255.255.0:anchor:eth0:off carrier_timeout=1 printk.devkmsg=on rdinit=/bin/bay0 init=/bin/bay0"
	if diff := cmp.Diff(line, p.CommandLine); diff != "" {
		t.Error(diff)
	}
	got := p.Rooms[0]
	if got.Namespaces != 0x2e020000 {
		t.Errorf("namespaces 0x%x, want all but the network's", got.Namespaces)
	}
	if diff := cmp.Diff([]abi.PortRule{{Port: 443, Access: 2}, {Port: 8080, Access: 3}}, got.Landlock.Ports); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]policy.File{{Target: "/run/resolv.conf", Content: "nameserver 10.0.2.3\nnameserver 10.0.2.4\n"}}, got.Files); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(got.Filter, compile(t, abi.AArch64, least()).Rooms[0].Filter) {
		t.Error("the filter is that of a room without a network")
	}
}

// A room on the network that may bind no port may not listen either, which would
// bind one. The control is the room that may.
func TestNoPortToBindMeansNoListening(t *testing.T) {
	host := func(bind []uint16, calls ...string) []abi.Instruction {
		r := least()
		r.Host, r.Bind, r.Families = true, bind, []string{"AF_UNIX", "AF_INET", "AF_INET6"}
		r.SystemCalls.Calls = append(r.SystemCalls.Calls, calls...)
		return compile(t, abi.AArch64, r).Rooms[0].Filter
	}
	if !cmp.Equal(host(nil, "listen"), host(nil)) {
		t.Error("a room without a port to bind may listen")
	}
	if cmp.Equal(host([]uint16{8080}, "listen"), host([]uint16{8080})) {
		t.Error("a room with a port to bind may not listen")
	}
}

func TestFailureActionAndFilterFollowTheirKeys(t *testing.T) {
	off, err := lower.Policy(abi.AArch64, &check.Checked{System: check.System{PowerOffOnFailure: true}}, nil, hardening.Rules{})
	if err != nil || off.OnFailure != abi.PowerOff {
		t.Errorf("on failure %v (%v)", off.OnFailure, err)
	}
	kill := least()
	kill.SystemCalls.Kill = true
	if cmp.Equal(compile(t, abi.AArch64, least()).Rooms[0].Filter, compile(t, abi.AArch64, kill).Rooms[0].Filter) {
		t.Error("kill and errno give the same filter")
	}
	jit := least()
	jit.SystemCalls.Calls = append(jit.SystemCalls.Calls, "mprotect")
	without := compile(t, abi.AArch64, jit).Rooms[0].Filter
	jit.SystemCalls.ExecutableMemory = true
	if cmp.Equal(without, compile(t, abi.AArch64, jit).Rooms[0].Filter) {
		t.Error("executable memory gives the same filter as none")
	}
	if cmp.Equal(compile(t, abi.AArch64, least()).Rooms[0].Filter, compile(t, abi.X8664, least()).Rooms[0].Filter) {
		t.Error("two architectures give the same filter")
	}
}
