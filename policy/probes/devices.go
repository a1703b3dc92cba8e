package probes

import (
	"github.com/anchor-os/anchor/policy"
)

// nodes are devices that a machine may have, in the order of their names. A room
// sees those that it was granted.
var nodes = []string{
	"/dev/console", "/dev/full", "/dev/hwrng", "/dev/kmsg", "/dev/loop-control", "/dev/loop0", "/dev/mem", "/dev/null",
	"/dev/port", "/dev/random", "/dev/tpm0", "/dev/tpmrm0", "/dev/tty", "/dev/ttyAMA0", "/dev/urandom", "/dev/vda",
	"/dev/watchdog", "/dev/zero",
}

// devices tries every node in the ways that Landlock grants, beside those that it
// does not, and every other node that a machine may have.
func (r *room) devices() {
	for _, b := range r.Binds {
		if b.Kind == policy.KindDevice {
			r.device("device "+b.Target, b)
		}
	}
	for _, node := range nodes {
		if !r.isNode(node) {
			r.twin("other devices", nil, probe(Open, r.through("ENOENT", "openat"), node, "r"))
		}
	}
}

func (r *room) device(rule string, b policy.Bind) {
	const read, write = policy.LandlockReadFile, policy.LandlockWriteFile
	node, access := b.Target, r.accessAt(b.Target)
	if b.GID != 0 && !r.member(b.GID) {
		access = 0 // it sees the node, and may not use it
	}
	open := func(mode string, need uint64) *Probe {
		want := "EACCES"
		if access&need == need {
			want = OK
		}
		return probe(Open, r.through(want, "openat"), node, mode)
	}
	var granted, denied []*Probe
	for _, p := range []*Probe{open("r", read), open("w", write), open("rw", read|write)} {
		if p.Want[0] == OK {
			granted = append(granted, p)
		} else {
			denied = append(denied, p)
		}
	}
	if access&policy.LandlockIoctlDev == 0 && access&read != 0 {
		denied = append(denied, probe(Ioctl, r.through("EACCES", "openat", "ioctl"), node, "0x80045200")) // RNDGETENTCNT
	}
	for i := range max(len(granted), len(denied)) {
		r.twin(rule, at(granted, i), at(denied, i))
	}
}

func at(all []*Probe, i int) *Probe {
	if i < len(all) {
		return all[i]
	}
	return nil
}
