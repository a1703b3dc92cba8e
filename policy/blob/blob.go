// Package blob reads the compiled policy: the bytes that a UKI carries and that
// Bay0 enforces. There is no parser: [Decode] makes one linear pass that checks
// every bound, index and order, after which each accessor is plain loads that
// return integers or sub-slices, with no error and no allocation.
//
//	blob         = header tables
//	tables       = rooms invariants words after groups settings rlimits mounts options binds
//	               files sockets paths ports filters instructions strings text
//	header       = fixed size: magic, versions, architecture, length, one count a table
//	each table   = count × records of one fixed size
//	strings      = (offset, length) of text, ascending by bytes, all different
//	filters      = (first, count) of instructions, ascending by bytes, all different
//	text         = every string followed by one NUL
//
// The form is canonical: one policy has one encoding. Tables follow each other
// without a gap, the lists of a room follow each other in the order of the
// rooms, sorted lists are sorted strictly, every string and filter is used,
// reserved bytes and unknown bits are zero; all else is refused. What Decode
// accepts therefore encodes to the same bytes again (package encode; fuzzed).
//
// docs/FORMAT.md is the specification to the byte.
package blob

import (
	"encoding/binary"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// The version of the format that this package reads.
const (
	Major = wire.Major
	Minor = wire.Minor
)

// View is a checked blob. It keeps the slice given to Decode, which must not
// change as long as the View is used.
type View struct {
	b     []byte
	start [wire.Tables]int // offset of each table in b
	count [wire.Tables]int // records in each table
}

func (v *View) u16(at int) uint16 { return binary.LittleEndian.Uint16(v.b[at:]) }
func (v *View) u32(at int) uint32 { return binary.LittleEndian.Uint32(v.b[at:]) }
func (v *View) u64(at int) uint64 { return binary.LittleEndian.Uint64(v.b[at:]) }

// at is the offset of record i of a table.
func (v *View) at(table, i int) int { return v.start[table] + i*wire.RecordSize[table] }

func (v *View) record(table, i int) record { return record{v, v.at(table, i)} }

// Arch is the machine that the policy was compiled for.
func (v *View) Arch() abi.Arch { return abi.Arch(v.u16(wire.HeaderArch)) }

// Version is the release owner's number of this policy.
func (v *View) Version() uint32 { return v.u32(wire.HeaderVersion) }

// Floor is the lowest version that may run once this policy was promoted.
func (v *View) Floor() uint32 { return v.u32(wire.HeaderFloor) }

// LandlockABI is the lowest Landlock ABI that enforces the policy whole.
func (v *View) LandlockABI() uint32 { return v.u32(wire.HeaderLandlockABI) }

// Settle is how long rooms must stay up for the boot to be good, in milliseconds.
func (v *View) Settle() uint32 { return v.u32(wire.HeaderSettle) }

// Watchdog is the hardware watchdog's timeout in seconds.
func (v *View) Watchdog() uint32 { return v.u32(wire.HeaderWatchdog) }

// SecureBoot reports whether the machine may run under Secure Boot only.
func (v *View) SecureBoot() bool { return v.u16(wire.HeaderFlags)&wire.FlagSecureBoot != 0 }

// Filter is Bay0's own seccomp program.
func (v *View) Filter() Filter { return record{v, 0}.filter(wire.HeaderFilter) }

// CommandLine is the policy's own kernel command line, without the digest that
// AppendCommandLine adds.
func (v *View) CommandLine() []byte { return record{v, 0}.text(wire.HeaderCommandLine) }

// OnFailure is what to do when the machine cannot go on.
func (v *View) OnFailure() abi.FailureAction {
	if v.u16(wire.HeaderFlags)&wire.FlagPowerOff != 0 {
		return abi.PowerOff
	}
	return abi.Reset
}

// Invariants is the number of invariants.
func (v *View) Invariants() int { return v.count[wire.Invariants] }

// Invariant is invariant i, 0 ≤ i < Invariants.
func (v *View) Invariant(i int) Invariant { return Invariant{v.record(wire.Invariants, i)} }

// Rooms is the number of rooms.
func (v *View) Rooms() int { return v.count[wire.Rooms] }

// Room is room i, 0 ≤ i < Rooms.
func (v *View) Room(i int) Room { return Room{v.record(wire.Rooms, i)} }
