// Package wire is the layout of a policy blob: the one place with its numbers,
// shared by the decoder in package blob and the encoder in package encode.
// docs/FORMAT.md specifies the same to the byte, and a test compares the two.
package wire

// Magic opens every blob. Its first byte is no text and its last is a newline,
// so that a transfer that mends line ends or strips the eighth bit is noticed.
const Magic = "\x89ANCHOR\n"

const (
	Major = 1 // another major version is another language: refused
	Minor = 0 // no reader of this version knows a later one: refused too
)

// Offsets in the header, in bytes. Integers are unsigned and little-endian.
const (
	HeaderMagic       = 0  // [8]byte
	HeaderMajor       = 8  // u16
	HeaderMinor       = 10 // u16
	HeaderArch        = 12 // u16, ELF e_machine
	HeaderFlags       = 14 // u16, Flag…
	HeaderLength      = 16 // u32, bytes of the whole blob
	HeaderVersion     = 20 // u32
	HeaderFloor       = 24 // u32
	HeaderLandlockABI = 28 // u32
	HeaderCommandLine = 32 // u32, string
	HeaderSettle      = 36 // u32, milliseconds
	HeaderWatchdog    = 40 // u32, seconds
	HeaderFilter      = 44 // u32, filter
	HeaderCounts      = 48 // [Tables]u32, records in each table
	HeaderSize        = HeaderCounts + 4*Tables
)

// Bits of HeaderFlags.
const (
	FlagPowerOff   = 1 << 0 // on failure power off, not reset
	FlagSecureBoot = 1 << 1 // refuse to run without Secure Boot
	FlagsKnown     = FlagPowerOff | FlagSecureBoot
)

// The tables, in the order in which they follow the header without a gap.
const (
	Rooms        = iota
	Invariants   // of the machine
	Words        // argument and environment lists
	After        // rooms that come before another
	Groups       //
	Settings     // cgroup files
	Rlimits      //
	Mounts       //
	Options      // of mounts
	Binds        //
	Files        //
	Sockets      //
	Paths        // Landlock rules
	Ports        // Landlock rules
	Filters      // ranges of Instructions
	Instructions // the BPF heap
	Strings      // ranges of Text
	Text         // the string heap
	Tables
)

// FirstList and LastList bound the tables whose records lists claim.
const (
	FirstList = Words
	LastList  = Ports
)

// TableNames are used in messages and in docs/FORMAT.md.
var TableNames = [Tables]string{
	"rooms", "invariants", "words", "after", "groups", "settings", "rlimits", "mounts", "options",
	"binds", "files", "sockets", "paths", "ports", "filters", "instructions", "strings", "text",
}

// RecordSize is the size of one record of each table, in bytes.
var RecordSize = [Tables]int{
	RoomSize, InvariantSize, WordSize, AfterSize, GroupSize, SettingSize, RlimitSize, MountSize, OptionSize,
	BindSize, FileSize, SocketSize, PathSize, PortSize, FilterSize, InstructionSize, StringSize, 1,
}

// A room. A "list" is two u32: the first record in its table, and how many.
const (
	RoomName         = 0   // u32, string
	RoomHostname     = 4   // u32, string
	RoomDirectory    = 8   // u32, string
	RoomFlags        = 12  // u32, RoomFlag…
	RoomUID          = 16  // u32
	RoomGID          = 20  // u32
	RoomNamespaces   = 24  // u64, CLONE_NEW*
	RoomStartTimeout = 32  // u32, milliseconds
	RoomOOMScoreAdj  = 36  // i32
	RoomRestart      = 40  // u32, mode
	RoomDelay        = 44  // u32, milliseconds
	RoomDelayMax     = 48  // u32, milliseconds
	RoomLimit        = 52  // u32, restarts in a row
	RoomLogBurst     = 56  // u32, lines
	RoomLogPerSecond = 60  // u32, lines
	RoomImageSize    = 64  // u64, bytes
	RoomImageSHA256  = 72  // [32]byte
	RoomHandledFS    = 104 // u64
	RoomHandledNet   = 112 // u64
	RoomScoped       = 120 // u64
	RoomFilter       = 128 // u32, filter
	RoomWatchdog     = 132 // u32, milliseconds, or 0
	RoomStopTimeout  = 136 // u32, milliseconds
	RoomCapabilities = 140 // u32, 1 << CAP_*
	RoomArgv         = 144 // list of words
	RoomEnvironment  = 152 // list of words
	RoomAfter        = 160 // list
	RoomGroups       = 168 // list
	RoomCgroup       = 176 // list of settings
	RoomRlimits      = 184 // list
	RoomMounts       = 192 // list
	RoomBinds        = 200 // list
	RoomFiles        = 208 // list
	RoomSockets      = 216 // list
	RoomPaths        = 224 // list
	RoomPorts        = 232 // list
	RoomSize         = 240
)

// Bits of RoomFlags.
const (
	RoomFlagCritical = 1 << 0
	RoomFlagNotify   = 1 << 1
	RoomFlagsKnown   = RoomFlagCritical | RoomFlagNotify
)

// The other records. Of those on one line each field is a u32, but for the u64 that
// end a limit, a path and a port.
const (
	InvariantPath = 0  // u32, string
	InvariantKind = 4  // u32
	InvariantText = 8  // u32, string, "" if it is judged by no text
	InvariantZero = 12 // u32, zero
	InvariantMin  = 16 // i64, 0 if it is judged by no number
	InvariantMax  = 24 // i64, 0 if it is judged by no number
	InvariantSize = 32

	WordSize  = 4 // string
	AfterSize = 4 // room
	GroupSize = 4 // gid

	SettingFile, SettingValue, SettingSize = 0, 4, 8
	OptionKey, OptionValue, OptionSize     = 0, 4, 8
	FileTarget, FileContent, FileSize      = 0, 4, 8

	RlimitResource, RlimitReserved, RlimitSoft, RlimitHard, RlimitSize = 0, 4, 8, 16, 24

	MountTarget     = 0  // u32, string
	MountType       = 4  // u32, string
	MountAttributes = 8  // u64
	MountOptions    = 16 // list
	MountPartition  = 24 // u32, string, "" for none
	MountReserved   = 28 // u32, zero
	MountSize       = 32

	BindTarget     = 0  // u32, string
	BindSource     = 4  // u32, string
	BindAttributes = 8  // u64
	BindKind       = 16 // u32, S_IFMT bits
	BindMajor      = 20 // u32
	BindMinor      = 24 // u32
	BindGID        = 28 // u32, or 0
	BindSize       = 32

	SocketName, SocketPath, SocketType, SocketGID, SocketSize = 0, 4, 8, 12, 16

	PathPath, PathReserved, PathAccess, PathSize = 0, 4, 8, 16
	PortPort, PortReserved, PortAccess, PortSize = 0, 4, 8, 16

	FilterFirst, FilterCount, FilterSize   = 0, 4, 8
	StringOffset, StringLength, StringSize = 0, 4, 8 // the length is without the NUL that follows

	InstructionSize = 8 // struct sock_filter: u16 code, u8 jt, u8 jf, u32 k
)

// Limits of the format itself.
const (
	MaxBlob    = 16 << 20 // bytes
	MaxStrings = 1 << 16  // bounds what the decoder needs to remember which are in use
)
