// Package encode writes the policy blob that package blob reads. It stands
// beside its decoder so that the two can be compared line by line, and apart
// from it so that Bay0, which only reads, does not carry it.
package encode

import (
	"encoding/binary"
	"fmt"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
	"github.com/anchor-os/anchor/policy/judge"
)

// Encode returns the one encoding of p. Lists that a Policy keeps sorted must be
// sorted already: encoding reorders nothing. The result has been decoded and judged
// once, so whatever Encode returns Bay0 accepts.
func Encode(p policy.Policy) ([]byte, error) {
	b := encode(p)
	if _, err := judge.Read(b); err != nil {
		return nil, fmt.Errorf("cannot encode policy: %w", err)
	}
	return b, nil
}

func encode(p policy.Policy) []byte {
	e := &encoder{texts: newPool(), filters: newPool(), place: map[string]uint32{}}
	e.collect(p)
	e.texts.sort()
	e.filters.sort()
	for i := range p.Rooms {
		e.place[p.Rooms[i].Name] = uint32(i)
	}
	e.invariants(p.Invariants)
	for i := range p.Rooms {
		e.room(&p.Rooms[i])
	}
	e.pools()
	return e.assemble(p)
}

// encoder fills the tables; text and filters are interned in a pass before, as
// their numbers follow from their order.
type encoder struct {
	texts, filters *pool
	place          map[string]uint32 // of a room among the rooms
	table          [wire.Tables][]byte
}

var le = binary.LittleEndian

func (e *encoder) u32(t int, v uint32)  { e.table[t] = le.AppendUint32(e.table[t], v) }
func (e *encoder) u64(t int, v uint64)  { e.table[t] = le.AppendUint64(e.table[t], v) }
func (e *encoder) text(t int, s string) { e.u32(t, e.texts.number(s)) }

// list writes the head of a list of n records that will follow in table of.
func (e *encoder) list(t, of, n int) {
	e.u32(t, uint32(len(e.table[of])/wire.RecordSize[of]))
	e.u32(t, uint32(n))
}

func (e *encoder) room(r *policy.Room) {
	const t = wire.Rooms
	e.text(t, r.Name)
	e.text(t, r.Hostname)
	e.text(t, r.Directory)
	e.u32(t, flags(r))
	e.u32(t, r.UID)
	e.u32(t, r.GID)
	e.u64(t, r.Namespaces)
	e.u32(t, r.StartTimeout)
	e.u32(t, uint32(r.OOMScoreAdj))
	e.u32(t, uint32(r.Restart.Mode))
	e.u32(t, r.Restart.Delay)
	e.u32(t, r.Restart.DelayMax)
	e.u32(t, r.Restart.Limit)
	e.u32(t, r.Log.Burst)
	e.u32(t, r.Log.PerSecond)
	e.u64(t, r.Image.Size)
	e.table[t] = append(e.table[t], r.Image.SHA256[:]...)
	e.u64(t, r.Landlock.HandledFS)
	e.u64(t, r.Landlock.HandledNet)
	e.u64(t, r.Landlock.Scoped)
	e.u32(t, e.filters.number(program(r.Filter)))
	e.u32(t, r.Watchdog)
	e.u32(t, r.StopTimeout)
	e.u32(t, r.Capabilities)
	e.words(r.Argv)
	e.words(r.Environment)
	e.after(r.After)
	e.groups(r.Groups)
	e.settings(r.Cgroup)
	e.rlimits(r.Rlimits)
	e.mounts(r.Mounts)
	e.binds(r.Binds)
	e.files(r.Files)
	e.sockets(r.Sockets)
	e.paths(r.Landlock.Paths)
	e.ports(r.Landlock.Ports)
}

func flags(r *policy.Room) (f uint32) {
	if r.Critical {
		f |= wire.RoomFlagCritical
	}
	if r.Notify {
		f |= wire.RoomFlagNotify
	}
	return f
}

// pools writes the interned filters and strings.
func (e *encoder) pools() {
	for _, f := range e.filters.sorted {
		e.u32(wire.Filters, uint32(len(e.table[wire.Instructions])/wire.InstructionSize))
		e.u32(wire.Filters, uint32(len(f)/wire.InstructionSize))
		e.table[wire.Instructions] = append(e.table[wire.Instructions], f...)
	}
	for _, s := range e.texts.sorted {
		e.u32(wire.Strings, uint32(len(e.table[wire.Text])))
		e.u32(wire.Strings, uint32(len(s)))
		e.table[wire.Text] = append(append(e.table[wire.Text], s...), 0)
	}
}

// assemble writes the header before the tables.
func (e *encoder) assemble(p policy.Policy) []byte {
	b := make([]byte, wire.HeaderSize)
	for t, records := range e.table {
		le.PutUint32(b[wire.HeaderCounts+4*t:], uint32(len(records)/wire.RecordSize[t]))
		b = append(b, records...)
	}
	copy(b[wire.HeaderMagic:], wire.Magic)
	le.PutUint16(b[wire.HeaderMajor:], wire.Major)
	le.PutUint16(b[wire.HeaderMinor:], wire.Minor)
	le.PutUint16(b[wire.HeaderArch:], uint16(p.Arch))
	le.PutUint16(b[wire.HeaderFlags:], headerFlags(p))
	le.PutUint32(b[wire.HeaderLength:], uint32(len(b)))
	le.PutUint32(b[wire.HeaderVersion:], p.Version)
	le.PutUint32(b[wire.HeaderFloor:], p.Floor)
	le.PutUint32(b[wire.HeaderLandlockABI:], p.LandlockABI)
	le.PutUint32(b[wire.HeaderSettle:], p.Settle)
	le.PutUint32(b[wire.HeaderWatchdog:], p.Watchdog)
	le.PutUint32(b[wire.HeaderFilter:], e.filters.number(program(p.Filter)))
	le.PutUint32(b[wire.HeaderCommandLine:], e.texts.number(p.CommandLine))
	return b
}

func headerFlags(p policy.Policy) (f uint16) {
	if p.OnFailure == abi.PowerOff {
		f |= wire.FlagPowerOff
	}
	if p.SecureBoot {
		f |= wire.FlagSecureBoot
	}
	return f
}
