// Package encode writes the policy blob that package blob reads. It stands
// beside its decoder so that the two can be compared line by line, and apart
// from it so that Bay0, which only reads, does not carry it.
package encode

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// Encode returns the one encoding of p. Lists that a Policy keeps sorted must be
// sorted already: encoding reorders nothing. The result has been read and judged once,
// so whatever Encode returns Bay0 accepts.
func Encode(p policy.Policy) ([]byte, error) {
	b := encode(p)
	if _, err := Read(b); err != nil {
		return nil, fmt.Errorf("cannot encode policy: %w", err)
	}
	return b, nil
}

func encode(p policy.Policy) []byte {
	e := newEncoder()
	e.collect(p)
	e.table[wire.Instructions] = e.filters.lay("")
	e.table[wire.Text] = e.texts.lay("\x00")
	for i := range p.Rooms {
		e.place[p.Rooms[i].Name] = uint32(i)
	}
	e.invariants(p.Invariants)
	for i := range p.Rooms {
		e.room(&p.Rooms[i])
	}
	return e.assemble(p)
}

// encoder fills the tables; text and filters are interned in a pass before.
type encoder struct {
	texts, filters *pool
	place          map[string]uint32 // of a room among the rooms
	table          [wire.Tables][]byte
}

func newEncoder() *encoder {
	return &encoder{texts: newPool(1), filters: newPool(instructionSize), place: map[string]uint32{}}
}

var le = binary.LittleEndian

func (e *encoder) u32(t int, v uint32)  { e.table[t] = le.AppendUint32(e.table[t], v) }
func (e *encoder) u64(t int, v uint64)  { e.table[t] = le.AppendUint64(e.table[t], v) }
func (e *encoder) text(t int, s string) { e.table[t] = e.texts.reach(e.table[t], s) }

// list writes the range of n records that will follow in table of.
func (e *encoder) list(t, of, n int) {
	e.u32(t, uint32(len(e.table[of])/wire.Layout[of].Size))
	e.u32(t, uint32(n))
}

func (e *encoder) room(r *policy.Room) {
	const t = wire.Rooms
	e.text(t, r.Name)
	e.text(t, r.Hostname)
	e.text(t, r.Directory)
	e.table[t] = e.filters.reach(e.table[t], program(r.Filter))
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
	e.u64(t, r.Namespaces)
	e.u64(t, r.Image.Size)
	e.table[t] = append(e.table[t], r.Image.SHA256[:]...)
	e.u64(t, r.Landlock.HandledFS)
	e.u64(t, r.Landlock.HandledNet)
	e.u64(t, r.Landlock.Scoped)
	e.u32(t, flags(r))
	e.u32(t, r.UID)
	e.u32(t, r.GID)
	e.u32(t, r.Capabilities)
	e.u32(t, uint32(r.OOMScoreAdj))
	e.u32(t, r.StartTimeout)
	e.u32(t, r.StopTimeout)
	e.u32(t, r.Watchdog)
	e.u32(t, uint32(r.Restart.Mode))
	e.u32(t, r.Restart.Delay)
	e.u32(t, r.Restart.DelayMax)
	e.u32(t, r.Restart.Limit)
	e.u32(t, r.Log.Burst)
	e.u32(t, r.Log.PerSecond)
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

// assemble writes the header, and the tables behind it.
func (e *encoder) assemble(p policy.Policy) []byte {
	b := []byte(wire.Magic)
	for _, v := range []uint16{wire.Major, wire.Minor, uint16(p.Arch), headerFlags(p)} {
		b = le.AppendUint16(b, v)
	}
	length := b
	for _, v := range []uint32{0, p.Version, p.Floor, p.LandlockABI, p.Settle, p.Watchdog} {
		b = le.AppendUint32(b, v)
	}
	b = e.texts.reach(b, p.CommandLine)
	b = e.filters.reach(b, program(p.Filter))
	for t, records := range e.table {
		b = le.AppendUint32(b, uint32(len(records)/wire.Layout[t].Size))
	}
	b = slices.Concat(append([][]byte{b}, e.table[:]...)...)
	le.PutUint32(b[len(length):], uint32(len(b)))
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
