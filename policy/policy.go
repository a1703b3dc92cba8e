// Package policy holds what a machine enforces: the passports of all its rooms,
// checked, resolved for one architecture and put in canonical order.
//
// A Policy names nothing that still has to be looked up, parsed or decided at
// run time: sizes are bytes, system calls are BPF, limits are the very strings
// that go into the cgroup's files. The compiler makes one, package encode turns
// it into bytes, Bay0 copies those bytes into system calls.
//
// What Bay0 shares with it is in package abi. Both import the standard library only.
package policy

import "github.com/anchor-os/anchor/policy/abi"

// Policy is one machine's whole policy.
type Policy struct {
	Arch        abi.Arch
	Version     uint32 // of the policy, chosen by the release owner; 1 …
	Floor       uint32 // lowest Version that may run once this one was promoted; ≤ Version
	CommandLine string // the kernel's, before Bay0's own digest is appended (see blob.AppendCommandLine)
	OnFailure   abi.FailureAction
	LandlockABI uint32            // lowest Landlock ABI that can enforce every room (landlock(7))
	SecureBoot  bool              // the machine runs under Secure Boot or not at all; else its state is only told
	Settle      uint32            // milliseconds that every room must have stayed up for the boot to count as good
	Watchdog    uint32            // seconds without a sign of life after which the hardware resets the machine
	Filter      []abi.Instruction // seccomp(2), for Bay0 itself once it has started
	Invariants  []Invariant       // ascending by Path
	Rooms       []Room            // ascending by Name
}

// Invariant is what must hold of one file of /proc or /sys for as long as the
// machine runs.
type Invariant struct {
	Path     string
	Kind     abi.InvariantKind
	Text     string // of InvariantText; may be empty
	Min, Max int64  // of InvariantRange
}

// Room is one confined program and everything it may do.
type Room struct {
	Name         string
	Hostname     string
	Argv         []string // Argv[0] is the absolute path of the program in the image
	Environment  []string // "KEY=value", ascending by key
	Directory    string   // working directory, absolute
	UID, GID     uint32
	Critical     bool     // the machine fails when this room does
	Notify       bool     // ready when it says READY=1 (sd_notify(3)), else when its program was started
	StartTimeout uint32   // milliseconds until a room that is not ready has failed
	StopTimeout  uint32   // milliseconds between SIGTERM and the end of all its processes
	Watchdog     uint32   // milliseconds within which it says WATCHDOG=1 (sd_notify(3)); 0: it need not
	Capabilities uint32   // set of 1 << CAP_* that its program has (capabilities(7))
	After        []string // rooms that must be ready before this one starts; ascending
	Restart      abi.Restart
	Log          abi.LogLimit
	Groups       []uint32 // supplementary groups: the channels it may connect to; ascending
	OOMScoreAdj  int32    // proc_pid_oom_score_adj(5)
	Namespaces   uint64   // CLONE_NEW* (clone(2))
	Image        Image
	Cgroup       []Setting    // ascending by File
	Rlimits      []abi.Rlimit // ascending by Resource
	Mounts       []Mount      // ascending by Target, so that parents come first
	Binds        []Bind       // ascending by Target; made after all Mounts
	Files        []File       // ascending by Target; made after all Mounts
	Sockets      []Socket     // ascending by Name; the room finds them from descriptor 3 on
	Landlock     Landlock
	Filter       []abi.Instruction // seccomp(2)
}

// Image is the squashfs that is the room's root. The zero value means that none
// was bound to the policy yet: such a policy can be read, but never boots.
type Image struct {
	Size   uint64 // bytes
	SHA256 [32]byte
}

// Bound reports whether an image was bound to the policy.
func (i Image) Bound() bool { return i != Image{} }

// Setting is one file of the room's cgroup v2 directory and the text in it
// (kernel: Documentation/admin-guide/cgroup-v2.rst).
type Setting struct{ File, Value string }

// Mount is one file system made new for the room (fsopen(2), fsmount(2)).
type Mount struct {
	Target     string
	Type       string
	Attributes uint64   // MOUNT_ATTR_* (mount_setattr(2))
	Options    []Option // ascending by Key
	Partition  string   // the GPT name (PARTLABEL) of the partition that holds it; "": none
}

// Option is one fsconfig(2) FSCONFIG_SET_STRING parameter.
type Option struct{ Key, Value string }

// Bind is one node of the machine that the room sees at Target.
type Bind struct {
	Target       string // in the room
	Source       string // on the machine
	Attributes   uint64 // MOUNT_ATTR_*
	Kind         uint32 // the S_IFMT bits that Source must have: S_IFCHR or S_IFSOCK
	Major, Minor uint32 // the device that Source must be, for S_IFCHR; Major 0: any
	GID          uint32 // the group that may use the device; 0: as the kernel made it
}

// File is a small file that the room finds, read-only.
type File struct{ Target, Content string }

// Socket is an AF_UNIX socket that Bay0 binds and the room gets as an inherited
// descriptor (sd_listen_fds(3)). Only members of group GID can connect to it.
type Socket struct {
	Name string // as LISTEN_FDNAMES has it
	Path string // on the machine
	Type abi.SocketType
	GID  uint32
}

// Landlock is the room's ruleset (landlock(7)): every handled right is denied
// but for what a rule grants.
type Landlock struct {
	HandledFS  uint64         // LANDLOCK_ACCESS_FS_*
	HandledNet uint64         // LANDLOCK_ACCESS_NET_*
	Scoped     uint64         // LANDLOCK_SCOPE_*
	Paths      []PathRule     // ascending by Path
	Ports      []abi.PortRule // ascending by Port
}

// PathRule grants the rights of Access beneath Path.
type PathRule struct {
	Path   string
	Access uint64 // a subset of HandledFS
}
