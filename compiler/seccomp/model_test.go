package seccomp

import (
	"slices"

	"github.com/anchor-os/anchor/policy/abi"
)

// model answers for a filter what the documentation of Spec and of the package
// promises, call by call. It is the second opinion: its numbers are written out
// again, and it knows nothing of trees, tables of conditions, or passes. It takes
// from the package the names of the numbers only, which are checked elsewhere.
type model struct {
	arch   abi.Arch
	spec   Spec
	names  map[uint32]string
	listed map[string]bool
}

func modelOf(arch abi.Arch, s Spec) model {
	m := model{arch, s, map[uint32]string{}, map[string]bool{}}
	for _, name := range Names() {
		if number, ok := Number(arch, name); ok {
			m.names[number] = name
		}
	}
	for _, name := range s.Allow {
		m.listed[name] = true
	}
	return m
}

const (
	allowed = 0x7fff0000
	killed  = 0x80000000
)

func errno(n uint32) uint32 { return 0x50000 + n }

func (m model) denied() uint32 {
	if m.spec.Deny == DenyKill {
		return killed
	}
	return errno(1)
}

func (m model) answer(d data) uint32 {
	if d.arch != map[abi.Arch]uint32{abi.X8664: 0xc000003e, abi.AArch64: 0xc00000b7}[m.arch] {
		return killed
	}
	if m.arch == abi.X8664 && d.number>>30&1 == 1 && d.number != 0xffffffff {
		return killed
	}
	name, known := m.names[d.number]
	switch {
	case !known, name == "clone3":
		return errno(38)
	case !m.listed[name]:
		return m.denied()
	}
	return m.arguments(name, d)
}

func (m model) arguments(name string, d data) uint32 {
	arg := func(n int) uint32 { return uint32(d.args[n]) } // as the kernel takes an int
	writable, executable := arg(2)&2 != 0, arg(2)&4 != 0
	fastOpen := func(flags uint32) uint32 {
		if flags&0x20000000 != 0 {
			return errno(95)
		}
		return allowed
	}
	switch name {
	case "clone":
		for _, bit := range []int{17, 25, 26, 27, 28, 29, 30} {
			if arg(0)&(1<<bit) != 0 {
				return m.denied()
			}
		}
	case "ioctl":
		if arg(1) == 0x5412 || arg(1) == 0x541c {
			return m.denied()
		}
	case "personality":
		if arg(0) != 0 && arg(0) != 0xffffffff {
			return m.denied()
		}
	case "prctl":
		if !modelPrctl(arg(0)) {
			return errno(22)
		}
	case "memfd_create":
		if sealable, huge, exec := arg(1)>>1&1, arg(1)>>2&1, arg(1)>>4&1; sealable == 0 || huge+exec > 0 {
			return errno(22)
		}
	case "sendto", "sendmmsg":
		return fastOpen(arg(3))
	case "sendmsg":
		return fastOpen(arg(2))
	case "socket", "socketpair":
		return m.socket(arg(0), arg(1), arg(2))
	case "mmap":
		if writable && executable && !m.spec.ExecutableMemory {
			return errno(1)
		}
	case "mprotect", "pkey_mprotect":
		if executable && !m.spec.ExecutableMemory {
			return errno(1)
		}
	case "shmat":
		if arg(2)&0o100000 != 0 && !m.spec.ExecutableMemory {
			return errno(1)
		}
	}
	return allowed
}

// modelPrctl repeats the options by what they are for.
func modelPrctl(option uint32) bool {
	var (
		process    = []uint32{1, 2, 15, 16, 29, 30, 36, 37, 40, 0x41555856}
		memory     = []uint32{3, 4, 41, 42, 65, 66, 0x53564d41}
		privileges = []uint32{7, 8, 21, 22, 23, 24, 27, 38, 39, 47}
		processor  = []uint32{50, 51, 52, 53, 54, 55, 56, 60, 61, 63, 64, 74, 75, 76}
	)
	return slices.Contains(slices.Concat(process, memory, privileges, processor), option)
}

func (m model) socket(family, kind, protocol uint32) uint32 {
	name, ok := map[uint32]string{1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK", 40: "AF_VSOCK"}[family]
	if !ok || !slices.Contains(m.spec.Families, name) {
		return errno(97)
	}
	if family != 2 && family != 10 {
		return allowed
	}
	stream, datagram := kind%16 == 1, kind%16 == 2
	if protocol == 0 && stream || protocol == 6 && stream {
		return allowed
	}
	if m.spec.UDP && (protocol == 0 && datagram || protocol == 17 && datagram) {
		return allowed
	}
	return errno(93)
}
