package lower

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// cpuPeriod is the period of cpu.max in microseconds, the kernel's default.
const cpuPeriod = 100_000

// cgroup is the room's limits as the files of its cgroup directory
// (kernel: Documentation/admin-guide/cgroup-v2.rst).
func cgroup(r check.Room) []policy.Setting {
	settings := []policy.Setting{
		{File: "memory.max", Value: pages(r.MemoryMax)},
		{File: "pids.max", Value: decimal(uint64(r.Pids))},
	}
	add := func(file string, given uint64, value string) {
		if given != 0 {
			settings = append(settings, policy.Setting{File: file, Value: value})
		}
	}
	add("memory.high", r.MemoryHigh, pages(r.MemoryHigh))
	add("cpu.max", uint64(r.CPUQuotaPercent), decimal(uint64(r.CPUQuotaPercent)*cpuPeriod/100)+" "+decimal(cpuPeriod))
	add("cpu.weight", uint64(r.CPUWeight), decimal(uint64(r.CPUWeight)))
	slices.SortFunc(settings, func(a, b policy.Setting) int { return cmp.Compare(a.File, b.File) })
	return settings
}

// Resources that every room is denied, by their numbers in
// include/uapi/asm-generic/resource.h: a core file would hold a room's secrets;
// POSIX message queues and real-time or raised priorities are no part of the
// language.
const (
	rlimitMsgQueue = 12
	rlimitNice     = 13
	rlimitRTPrio   = 14
)

func rlimits(r check.Room) []abi.Rlimit {
	files := uint64(r.OpenFiles)
	return []abi.Rlimit{
		{Resource: policy.RlimitCore},
		{Resource: policy.RlimitNoFile, Soft: files, Hard: files},
		{Resource: rlimitMsgQueue},
		{Resource: rlimitNice},
		{Resource: rlimitRTPrio},
	}
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// pages is size rounded down to whole pages, as the kernel would do: Bay0 reads
// every limit back and wants what it wrote.
func pages(size uint64) string { return decimal(size / page * page) }
