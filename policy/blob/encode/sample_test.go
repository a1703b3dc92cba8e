package encode_test

import "github.com/anchor-os/anchor/policy"

// sample is a policy that uses every record of the format, twice where a list
// has an order.
func sample() policy.Policy {
	return policy.Policy{
		Arch: policy.AArch64, Version: 7, Floor: 3,
		CommandLine: "console=ttyAMA0 panic=-1 rdinit=/bin/bay0 init=/bin/bay0",
		OnFailure:   policy.PowerOff,
		LandlockABI: policy.LandlockABI,
		Rooms:       []policy.Room{sampleRoom("web", 10001), sampleRoom("work", 10002)},
	}
}

func sampleRoom(name string, id uint32) policy.Room {
	return policy.Room{
		Name: name, Hostname: name, Directory: "/",
		Argv:        []string{"/bin/" + name, "--greeting", "hello", ""},
		Environment: []string{"HOME=/tmp", "LANG=C.UTF-8"},
		UID:         id, GID: id,
		Critical: name == "web", Notify: true,
		StartTimeout: 5000, OOMScoreAdj: 500,
		Namespaces: policy.RoomNamespaces | policy.CloneNewNet,
		Image:      policy.Image{Size: 4096, SHA256: [32]byte{1, 2, 3}},
		Cgroup:     []policy.Setting{{File: "memory.max", Value: "67108864"}, {File: "pids.max", Value: "32"}},
		Rlimits: []policy.Rlimit{
			{Resource: policy.RlimitCore},
			{Resource: policy.RlimitNoFile, Soft: 256, Hard: policy.RlimitInfinity},
		},
		Mounts: []policy.Mount{
			{Target: "/dev", Type: "tmpfs", Attributes: policy.MountNoSUID | policy.MountNoDev,
				Options: []policy.Option{{Key: "mode", Value: "0755"}, {Key: "size", Value: "65536"}}},
			{Target: "/proc", Type: "proc", Attributes: policy.MountAttributes},
		},
		Binds: []policy.Bind{
			{Target: "/dev/null", Source: "/dev/null", Attributes: policy.MountNoSUID | policy.MountNoExec,
				Kind: policy.KindDevice, Major: 1, Minor: 3},
			{Target: "/run/notify", Source: "/run/rooms/" + name + "/notify", Attributes: policy.MountNoSUID | policy.MountNoExec,
				Kind: policy.KindSocket},
		},
		Landlock: policy.Landlock{
			HandledFS: policy.LandlockFS, HandledNet: policy.LandlockNet, Scoped: policy.LandlockScopes,
			Paths: []policy.PathRule{{Path: "/", Access: policy.LandlockReadFile}, {Path: "/tmp", Access: policy.LandlockWriteFile}},
		},
		Filter: []policy.Instruction{{Op: 0x20, K: 4}, {Op: 0x15, Jt: 1, Jf: 2, K: id}, {Op: 6, K: 0x7fff0000}},
	}
}
