// Package blob reads the compiled policy: the bytes that a UKI carries and that
// Bay0 enforces. There is no parser: [Decode] makes one linear pass that checks
// every bound and index, after which each accessor is plain loads that return
// integers or sub-slices, with no error and no allocation. An accessor is the one place
// with its field's offset in the record.
//
//	blob         = header tables
//	tables       = rooms invariants words after groups settings rlimits mounts options binds
//	               files sockets paths ports instructions text
//	header       = fixed size: magic, versions, architecture, length, one count a table
//	each table   = count × records of one fixed size
//	record       = ranges, then numbers
//	range        = (first, count) of a table's records: a list, a filter, a string
//
// The form is canonical: one policy has one encoding, in which every record is used
// once and every string and filter stands once. Package encode, which writes it, refuses
// any other.
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
func (v *View) at(table, i int) int { return v.start[table] + i*wire.Layout[table].Size }

func (v *View) record(table, i int) record { return record{v, v.at(table, i)} }

// Arch is the machine that the policy was compiled for.
func (v *View) Arch() abi.Arch { return abi.Arch(v.u16(12)) }

// Version is the release owner's number of this policy.
func (v *View) Version() uint32 { return v.u32(20) }

// Floor is the lowest version that may run once this policy was promoted.
func (v *View) Floor() uint32 { return v.u32(24) }

// LandlockABI is the lowest Landlock ABI that enforces the policy whole.
func (v *View) LandlockABI() uint32 { return v.u32(28) }

// Settle is how long rooms must stay up for the boot to be good, in milliseconds.
func (v *View) Settle() uint32 { return v.u32(32) }

// Watchdog is the hardware watchdog's timeout in seconds.
func (v *View) Watchdog() uint32 { return v.u32(36) }

// SecureBoot reports whether the machine may run under Secure Boot only.
func (v *View) SecureBoot() bool { return v.u16(14)&wire.FlagSecureBoot != 0 }

// Filter is Bay0's own seccomp program.
func (v *View) Filter() Filter { return record{v, 0}.filter(48) }

// CommandLine is the policy's own kernel command line, without the digest that
// AppendCommandLine adds.
func (v *View) CommandLine() []byte { return record{v, 0}.text(40) }

// OnFailure is what to do when the machine cannot go on.
func (v *View) OnFailure() abi.FailureAction { return abi.FailureAction(v.u16(14) & wire.FlagPowerOff) }

// Invariants is the number of invariants.
func (v *View) Invariants() int { return v.count[wire.Invariants] }

// Invariant is invariant i, 0 ≤ i < Invariants.
func (v *View) Invariant(i int) Invariant { return Invariant{v.record(wire.Invariants, i)} }

// Rooms is the number of rooms.
func (v *View) Rooms() int { return v.count[wire.Rooms] }

// Room is room i, 0 ≤ i < Rooms.
func (v *View) Room(i int) Room { return Room{v.record(wire.Rooms, i)} }
