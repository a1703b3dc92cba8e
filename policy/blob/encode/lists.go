package encode

import (
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// This file writes the machine's table and the lists of a room, each in the order of its fields in the
// record, which is the order of the tables too.

func (e *encoder) invariants(invariants []policy.Invariant) {
	const t = wire.Invariants
	for _, i := range invariants {
		e.text(t, i.Path)
		e.text(t, i.Text)
		e.u64(t, uint64(i.Min))
		e.u64(t, uint64(i.Max))
		e.u32(t, uint32(i.Kind))
	}
}

func (e *encoder) words(words []string) {
	e.list(wire.Rooms, wire.Words, len(words))
	for _, w := range words {
		e.text(wire.Words, w)
	}
}

// after writes rooms by their places. One that does not exist gets the place of
// none, which the decoder refuses.
func (e *encoder) after(rooms []string) {
	e.list(wire.Rooms, wire.After, len(rooms))
	for _, name := range rooms {
		place, ok := e.place[name]
		if !ok {
			place = uint32(len(e.place))
		}
		e.u32(wire.After, place)
	}
}

func (e *encoder) groups(gids []uint32) {
	e.list(wire.Rooms, wire.Groups, len(gids))
	for _, gid := range gids {
		e.u32(wire.Groups, gid)
	}
}

func (e *encoder) settings(settings []policy.Setting) {
	e.list(wire.Rooms, wire.Settings, len(settings))
	for _, s := range settings {
		e.text(wire.Settings, s.File)
		e.text(wire.Settings, s.Value)
	}
}

func (e *encoder) rlimits(limits []abi.Rlimit) {
	const t = wire.Rlimits
	e.list(wire.Rooms, t, len(limits))
	for _, l := range limits {
		e.u32(t, l.Resource)
		e.u64(t, l.Soft)
		e.u64(t, l.Hard)
	}
}

func (e *encoder) mounts(mounts []policy.Mount) {
	const t = wire.Mounts
	e.list(wire.Rooms, t, len(mounts))
	for _, m := range mounts {
		e.text(t, m.Target)
		e.text(t, m.Type)
		e.list(t, wire.Options, len(m.Options))
		e.text(t, m.Partition)
		e.u64(t, m.Attributes)
		for _, o := range m.Options {
			e.text(wire.Options, o.Key)
			e.text(wire.Options, o.Value)
		}
	}
}

func (e *encoder) binds(binds []policy.Bind) {
	const t = wire.Binds
	e.list(wire.Rooms, t, len(binds))
	for _, b := range binds {
		e.text(t, b.Target)
		e.text(t, b.Source)
		e.u64(t, b.Attributes)
		e.u32(t, b.Kind)
		e.u32(t, b.Major)
		e.u32(t, b.Minor)
		e.u32(t, b.GID)
	}
}

func (e *encoder) paths(rules []policy.PathRule) {
	const t = wire.Paths
	e.list(wire.Rooms, t, len(rules))
	for _, r := range rules {
		e.text(t, r.Path)
		e.u64(t, r.Access)
	}
}

func (e *encoder) files(files []policy.File) {
	e.list(wire.Rooms, wire.Files, len(files))
	for _, f := range files {
		e.text(wire.Files, f.Target)
		e.text(wire.Files, f.Content)
	}
}

func (e *encoder) sockets(sockets []policy.Socket) {
	const t = wire.Sockets
	e.list(wire.Rooms, t, len(sockets))
	for _, s := range sockets {
		e.text(t, s.Name)
		e.text(t, s.Path)
		e.u32(t, uint32(s.Type))
		e.u32(t, s.GID)
	}
}

func (e *encoder) ports(rules []abi.PortRule) {
	const t = wire.Ports
	e.list(wire.Rooms, t, len(rules))
	for _, r := range rules {
		e.table[t] = le.AppendUint16(e.table[t], r.Port)
		e.u64(t, r.Access)
	}
}
