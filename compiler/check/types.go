// Package check judges passports. CUE gives the verdict, this package words it:
// the shape of every file first, then the rules within a room, then the rules of
// the whole system, all faults in one run. It is the only importer of CUE beside
// the schema itself.
package check

import (
	"net/netip"
	"strings"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy/abi"
)

// Checked is a rooms directory without a fault, every default filled in.
type Checked struct {
	System System
	Rooms  []Room // sorted by name
}

// System is what rooms/system.toml says.
type System struct {
	File               string
	Version, Floor     uint32 // of the policy; Floor ≤ Version
	CommandLine        []string
	BudgetMemory       uint64 // bytes
	BudgetPids         uint32
	RequiredRooms      []string      // in the file's order
	PowerOffOnFailure  bool          // else the machine resets
	Settle             time.Duration // that every room must have stayed up for a good start
	Watchdog           time.Duration // whole seconds without a sign of life until the machine resets
	SecureBootRequired bool          // else its state is only told
	Partitions         []string      // GPT names of the data partitions, in the file's order
	Network            *Network      // nil: the machine has none
	Origin             Origin
}

// Network is how the kernel sets up the machine's only interface.
type Network struct {
	Interface   string
	Address     netip.Prefix // the machine's own IPv4 address and the length of its network's prefix
	Gateway     netip.Addr   // in that network, another one than Address
	Nameservers []netip.Addr // in the file's order
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
	StopTimeout      time.Duration // between SIGTERM and SIGKILL
	Watchdog         time.Duration // between two WATCHDOG=1; 0: it need not
	Capabilities     []string      // without CAP_, sorted; empty without Host
	After            []string      // rooms that are ready before this one starts; sorted
	Restart          abi.RestartMode
	Host             bool      // the room is in the machine's own network; else in an empty one
	Connect, Bind    []uint16  // TCP ports; sorted, each once; empty without Host
	UDP              bool      // all of UDP; false without Host
	Families         []string  // of sockets, that its program can open
	Volumes          []Volume  // sorted by path
	Devices          []Device  // the nodes of the room's classes, sorted by path
	Sockets          []Socket  // that the room provides, sorted by name
	Connects         []Connect // to sockets of other rooms, sorted by socket
	Vault            bool      // the room reaches sealed secrets; false with Host
	Origin           Origin
}

// Volume is a partition of the machine that outlives the room.
type Volume struct {
	Name     string // the partition's GPT name (PARTLABEL), one of System.Partitions
	Path     string // absolute, clean; neither at, above nor below another mount
	ReadOnly bool
}

// Device is one character device of the machine.
type Device struct {
	Path         string // below /dev
	Major, Minor uint32 // Major 0: the kernel gives out the number at run time, and Minor says nothing
	Writable     bool
}

// Socket is an AF_UNIX socket that a room provides.
type Socket struct {
	Name    string // unique on the machine
	Type    abi.SocketType
	Clients []string // the rooms that connect to it: at least one; sorted
}

// Connect is the other end of another room's Socket.
type Connect struct{ Room, Socket string }

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
	// ExecutableMemory lifts the ban on memory that is written and executed.
	ExecutableMemory bool
}

// Origin tells where the values of a file stand.
type Origin struct{ root *source.Value }

// indices are written as an author does: filesystem.tmpfs[0].path.
var indices = strings.NewReplacer("[", ".", "]", "")

// At gives the place of a value by its path: "room.exec", "filesystem.tmpfs[0].path". A
// value of which it is the zero Range is the schema's default.
func (o Origin) At(path string) diag.Range {
	if v := o.root.Find(strings.Split(indices.Replace(path), ".")...); v != nil {
		return v.Range
	}
	return diag.Range{}
}
