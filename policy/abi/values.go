package abi

// FailureAction is what Bay0 does when it refuses to go on.
type FailureAction uint8

const (
	Reset    FailureAction = iota // reboot(2) LINUX_REBOOT_CMD_RESTART
	PowerOff                      // reboot(2) LINUX_REBOOT_CMD_POWER_OFF; a blob's flag is the same number
)

// String is the word that system.toml uses.
func (a FailureAction) String() string { return [...]string{"reset", "power-off"}[a] }

// InvariantKind says how an invariant is judged.
type InvariantKind uint32

const (
	InvariantText   InvariantKind = iota // the file holds Text and at most one newline after it
	InvariantRange                       // the file holds a decimal number from Min to Max, in the same way
	InvariantAbsent                      // there is no such file
)

// RestartMode says after which ends of its program a room is started again.
type RestartMode uint32

const (
	RestartNever RestartMode = iota
	RestartOnFailure
	RestartAlways
)

// Restart is how a room is started again: after Delay, which doubles with every
// time in a row up to DelayMax, and Limit times in a row at most.
type Restart struct {
	Mode            RestartMode
	Delay, DelayMax uint32 // milliseconds
	Limit           uint32
}

// LogLimit is a bucket of lines: Burst at once, refilled at PerSecond.
type LogLimit struct{ Burst, PerSecond uint32 }

// Rlimit is one resource limit (setrlimit(2)); RlimitInfinity means none.
type Rlimit struct {
	Resource   uint32
	Soft, Hard uint64
}

// SocketType is the type of an AF_UNIX socket (socket(2), SOCK_*).
type SocketType uint32

const (
	SocketStream    SocketType = 1
	SocketDatagram  SocketType = 2
	SocketSeqPacket SocketType = 5
)

// PortRule grants the rights of Access on one TCP port, of whatever address.
type PortRule struct {
	Port   uint16
	Access uint64 // a subset of HandledNet
}
