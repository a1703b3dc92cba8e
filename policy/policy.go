// Package policy holds what a machine enforces: the passports of all its rooms,
// checked, resolved for one architecture and put in canonical order.
//
// A Policy names nothing that still has to be looked up, parsed or decided at
// run time: sizes are bytes, system calls are BPF, limits are the very strings
// that go into the cgroup's files. The compiler makes one, package encode turns
// it into bytes, Bay0 copies those bytes into system calls.
//
// It imports the standard library only, so that whatever reads a policy, PID 1
// included, can share its limits and names.
package policy

// Policy is one machine's whole policy.
type Policy struct {
	Arch        Arch
	Version     uint32 // of the policy, chosen by the release owner; 1 …
	Floor       uint32 // lowest Version that may run once this one was promoted; ≤ Version
	CommandLine string // the kernel's, before Bay0's own digest is appended (see blob.AppendCommandLine)
	OnFailure   FailureAction
	LandlockABI uint32 // lowest Landlock ABI that can enforce every room (landlock(7))
	Rooms       []Room // ascending by Name
}

// FailureAction is what Bay0 does when it refuses to go on.
type FailureAction uint8

const (
	Reset    FailureAction = iota // reboot(2) LINUX_REBOOT_CMD_RESTART
	PowerOff                      // reboot(2) LINUX_REBOOT_CMD_POWER_OFF
)

// String is the word that system.toml uses.
func (a FailureAction) String() string {
	if a == PowerOff {
		return "power-off"
	}
	return "reset"
}

// Room is one confined program and everything it may do.
type Room struct {
	Name         string
	Hostname     string
	Argv         []string // Argv[0] is the absolute path of the program in the image
	Environment  []string // "KEY=value", ascending by key
	Directory    string   // working directory, absolute
	UID, GID     uint32
	Critical     bool   // the machine fails when this room does
	Notify       bool   // ready when it says READY=1 (sd_notify(3)), else when its program was started
	StartTimeout uint32 // milliseconds until a room that is not ready has failed
	OOMScoreAdj  int32  // proc_pid_oom_score_adj(5)
	Namespaces   uint64 // CLONE_NEW* (clone(2))
	Image        Image
	Cgroup       []Setting // ascending by File
	Rlimits      []Rlimit  // ascending by Resource
	Mounts       []Mount   // ascending by Target, so that parents come first
	Binds        []Bind    // ascending by Target; made after all Mounts
	Landlock     Landlock
	Filter       []Instruction // seccomp(2)
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

// Rlimit is one resource limit (setrlimit(2)); RlimitInfinity means none.
type Rlimit struct {
	Resource   uint32
	Soft, Hard uint64
}

// Mount is one file system made new for the room (fsopen(2), fsmount(2)).
type Mount struct {
	Target     string
	Type       string
	Attributes uint64   // MOUNT_ATTR_* (mount_setattr(2))
	Options    []Option // ascending by Key
}

// Option is one fsconfig(2) FSCONFIG_SET_STRING parameter.
type Option struct{ Key, Value string }

// Bind is one node of the machine that the room sees at Target.
type Bind struct {
	Target       string // in the room
	Source       string // on the machine
	Attributes   uint64 // MOUNT_ATTR_*
	Kind         uint32 // the S_IFMT bits that Source must have: S_IFCHR or S_IFSOCK
	Major, Minor uint32 // the device that Source must be, for S_IFCHR
}

// Landlock is the room's ruleset (landlock(7)): every handled right is denied
// but for what a rule grants.
type Landlock struct {
	HandledFS  uint64     // LANDLOCK_ACCESS_FS_*
	HandledNet uint64     // LANDLOCK_ACCESS_NET_*
	Scoped     uint64     // LANDLOCK_SCOPE_*
	Paths      []PathRule // ascending by Path
}

// PathRule grants the rights of Access beneath Path.
type PathRule struct {
	Path   string
	Access uint64 // a subset of HandledFS
}
