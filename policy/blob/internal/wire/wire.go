// Package wire is the frame of a policy blob: header, tables, and what refers to
// what. The fields within a record stand where they are read, in package blob, and
// where they are written, in package encode. docs/FORMAT.md specifies all of it to the
// byte, and tests compare.
package wire

// Magic opens every blob. Its first byte is no text and its last is a newline,
// so that a transfer that mends line ends or strips the eighth bit is noticed.
const Magic = "\x89ANCHOR\n"

const (
	Major = 1 // another major version is another language: refused
	Minor = 0 // no reader of this version knows a later one: refused too
)

// Offsets in the header, in bytes.
const (
	HeaderRanges = 40
	HeaderCounts = 56 // [Tables]u32, records in each table
	HeaderSize   = HeaderCounts + 4*Tables
)

// Bits of the header's flags, and of a room's.
const (
	FlagPowerOff     = 1 << 0 // on failure power off, not reset
	FlagSecureBoot   = 1 << 1 // refuse to run without Secure Boot
	RoomFlagCritical = 1 << 0
	RoomFlagNotify   = 1 << 1
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
	Instructions // the BPF heap
	Text         // the string heap
	Tables
)

// Table is how the records of a table are made. A range is two u32: the first record in
// a table, and how many. Every reference in a blob is one, to bytes of text and to
// instructions as well as to lists; those of a record stand at its head.
type Table struct {
	Name   string
	Size   int   // of a record, in bytes
	Ranges []int // the table that each reaches into
}

const RangeSize = 8

// Layout are all tables. InHeader are the ranges at HeaderRanges.
var (
	Layout = [Tables]Table{
		Rooms: {"rooms", 256, []int{
			Text, Text, Text, Instructions, Words, Words, After, Groups, Settings, Rlimits,
			Mounts, Binds, Files, Sockets, Paths, Ports,
		}},
		Invariants:   {"invariants", 36, []int{Text, Text}},
		Words:        {"words", 8, []int{Text}},
		After:        {"after", 4, nil},
		Groups:       {"groups", 4, nil},
		Settings:     {"settings", 16, []int{Text, Text}},
		Rlimits:      {"rlimits", 20, nil},
		Mounts:       {"mounts", 40, []int{Text, Text, Options, Text}},
		Options:      {"options", 16, []int{Text, Text}},
		Binds:        {"binds", 40, []int{Text, Text}},
		Files:        {"files", 16, []int{Text, Text}},
		Sockets:      {"sockets", 24, []int{Text, Text}},
		Paths:        {"paths", 16, []int{Text}},
		Ports:        {"ports", 10, nil},
		Instructions: {"instructions", 8, nil},
		Text:         {"text", 1, nil},
	}
	InHeader = []int{Text, Instructions}
)
