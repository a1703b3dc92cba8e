// Package check judges passports. CUE gives the verdict, this package words it:
// the shape of every file first, then the rules within a room, then the rules of
// the whole system, all faults in one run. It is the only importer of CUE beside
// the schema itself.
package check

import (
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Checked is a rooms directory without a fault, every default filled in.
type Checked struct {
	System System
	Rooms  []Room // sorted by name
}

// System is what rooms/system.toml says.
type System struct {
	File              string
	Version, Floor    uint32 // of the policy; Floor ≤ Version
	CommandLine       []string
	BudgetMemory      uint64 // bytes
	BudgetPids        uint32
	RequiredRooms     []string // in the file's order
	PowerOffOnFailure bool     // else the machine resets
	Origin            Origin
}

// Room is what a room's passport says.
type Room struct {
	File             string // the passport's path, as the user would type it
	Name             string
	Description      string
	Hostname         string
	WorkingDirectory string   // absolute, clean
	Exec             []string // argv; the first is the program's absolute path
	Environment      []EnvVar // sorted by name
	User             uint32   // uid and gid
	Critical         bool     // the machine resets if the room dies
	MemoryMax        uint64   // bytes
	MemoryHigh       uint64   // bytes; 0: unset
	CPUQuotaPercent  uint32   // of one processor; 0: unset
	CPUWeight        uint32   // cgroup v2 cpu.weight; 0: unset
	Pids             uint32
	OpenFiles        uint32  // RLIMIT_NOFILE
	Tmpfs            []Tmpfs // sorted by path, none below another
	SystemCalls      SystemCalls
	ReadinessNotify  bool // the room says READY=1 on NOTIFY_SOCKET
	StartTimeout     time.Duration
	Origin           Origin
}

// EnvVar is one variable of a room's environment.
type EnvVar struct{ Name, Value string }

// Tmpfs is a writable file system in memory, empty at start.
type Tmpfs struct {
	Path string // absolute, clean
	Size uint64 // bytes
}

// SystemCalls is what a room may ask of the kernel.
type SystemCalls struct {
	Calls []string // names, sorted: the profile, plus allow, minus deny
	Kill  bool     // anything else kills the room; else it gets an errno
}

// Origin tells where a value stands in its file. Keys are paths as an author
// writes them: "room.exec", "resources.memory.max", "filesystem.tmpfs[0].path",
// "system-calls.allow[1].call". A value without an origin is the schema's default.
type Origin map[string]diag.Range
