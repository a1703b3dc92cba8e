package encode_test

import (
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// sample is a policy that uses every record of the format, twice where a list
// has an order.
func sample() policy.Policy {
	return policy.Policy{
		Arch: abi.AArch64, Version: 7, Floor: 3,
		CommandLine: "console=ttyAMA0 panic=-1 rdinit=/bin/bay0 init=/bin/bay0",
		OnFailure:   abi.PowerOff,
		LandlockABI: abi.LandlockABI,
		SecureBoot:  true, Settle: 10_000, Watchdog: 30,
		Filter: []abi.Instruction{{Op: 6, K: 0x7fff0000}},
		Invariants: []policy.Invariant{
			{Path: "/proc/modules", Kind: abi.InvariantAbsent},
			{Path: "/proc/sys/kernel/kptr_restrict", Kind: abi.InvariantRange, Min: 1, Max: 2},
			{Path: "/sys/kernel/security/lockdown", Text: "none integrity [confidentiality]"},
		},
		Rooms: []policy.Room{sampleRoom("web", 10001), sampleRoom("work", 10002)},
	}
}

const inert = abi.MountNoSUID | abi.MountNoDev | abi.MountNoExec

func sampleRoom(name string, id uint32) policy.Room {
	critical := name == "web"
	r := policy.Room{
		Name: name, Hostname: name, Directory: "/",
		Argv:        []string{"/bin/" + name, "--greeting", "hello", ""},
		Environment: []string{"HOME=/tmp", "LANG=C.UTF-8"},
		UID:         id, GID: id,
		Critical: critical, Notify: true,
		StartTimeout: 5000, StopTimeout: 2000, OOMScoreAdj: 500,
		Log:        abi.LogLimit{Burst: 500, PerSecond: 50},
		Groups:     []uint32{20000, 20001},
		Namespaces: abi.RoomNamespaces | abi.CloneNewNet,
		Image:      policy.Image{Size: 4096, SHA256: [32]byte{1, 2, 3}},
		Cgroup:     []policy.Setting{{File: "memory.max", Value: "67108864"}, {File: "pids.max", Value: "32"}},
		Rlimits: []abi.Rlimit{
			{Resource: policy.RlimitCore},
			{Resource: policy.RlimitNoFile, Soft: 256, Hard: policy.RlimitInfinity},
		},
		Mounts: []policy.Mount{
			{Target: "/data", Type: "ext4", Attributes: inert, Partition: "data",
				Options: []policy.Option{{Key: "errors", Value: "remount-ro"}}},
			{Target: "/dev", Type: "tmpfs", Attributes: inert,
				Options: []policy.Option{{Key: "mode", Value: "0755"}, {Key: "size", Value: "65536"}}},
			{Target: "/proc", Type: "proc", Attributes: abi.MountReadOnly | abi.MountInert},
		},
		Binds: []policy.Bind{
			{Target: "/dev/null", Source: "/dev/null", Attributes: abi.MountNoSUID | abi.MountNoExec,
				Kind: policy.KindDevice, Major: 1, Minor: 3, GID: 20000},
			{Target: "/run/notify", Source: "/run/rooms/" + name + "/notify", Attributes: abi.MountNoSUID | abi.MountNoExec,
				Kind: policy.KindSocket},
		},
		Files: []policy.File{{Target: "/run/hosts", Content: "127.0.0.1 localhost\n"}, {Target: "/run/resolv.conf", Content: "nameserver 10.0.2.3\n"}},
		Sockets: []policy.Socket{
			{Name: "one", Path: "/run/rooms/" + name + "/one", Type: abi.SocketStream, GID: 10_000 + id},
			{Name: "two", Path: "/run/rooms/" + name + "/two", Type: abi.SocketSeqPacket, GID: 10_100 + id},
		},
		Landlock: policy.Landlock{
			HandledFS: abi.LandlockFS, HandledNet: abi.LandlockNet, Scoped: abi.LandlockScopes,
			Paths: []policy.PathRule{{Path: "/", Access: policy.LandlockReadFile}, {Path: "/tmp", Access: policy.LandlockWriteFile}},
			Ports: []abi.PortRule{{Port: 443, Access: policy.LandlockConnectTCP}, {Port: 8080, Access: abi.LandlockNet}},
		},
		Filter: []abi.Instruction{{Op: 0x20, K: 4}, {Op: 0x15, Jt: 1, Jf: 2, K: id}, {Op: 6, K: 0x7fff0000}},
	}
	if !critical {
		r.After = []string{"web"}
		r.Watchdog, r.Capabilities = 2000, abi.CapNetBindService
		r.Restart = abi.Restart{Mode: abi.RestartOnFailure, Delay: 100, DelayMax: 30_000, Limit: 10}
	}
	return r
}
