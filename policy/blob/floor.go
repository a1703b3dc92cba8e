package blob

import (
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// This file is what Bay0 never does, whoever signed it: a room that is root, or in
// the machine's namespaces, or with rights that nothing governs. Everything else
// that a policy says is the compiler's to judge (package judge).

func (c *checker) floor() error {
	for i := range c.v.Rooms() {
		if err := c.room(c.v.Room(i)); err != nil {
			return err
		}
	}
	if err := c.attributes(wire.Mounts, wire.MountAttributes, abi.MountNoSUID|abi.MountNoDev|abi.MountNoExec); err != nil {
		return err
	}
	return c.attributes(wire.Binds, wire.BindAttributes, abi.MountNoSUID|abi.MountNoExec)
}

func (c *checker) room(r Room) error {
	switch uid, gid := r.UID(), r.GID(); {
	case r.Argv().Len() == 0:
		return faultAt(r.at+wire.RoomArgv, "a room without a program")
	case uid < abi.MinUID || uid > abi.MaxUID:
		return faultAt(r.at+wire.RoomUID, "uid %d, want %d to %d", uid, abi.MinUID, abi.MaxUID)
	case gid < abi.MinUID || gid > abi.MaxUID:
		return faultAt(r.at+wire.RoomGID, "gid %d, want %d to %d", gid, abi.MinUID, abi.MaxUID)
	case r.u32(wire.RoomFlags)&^wire.RoomFlagsKnown != 0:
		return faultAt(r.at+wire.RoomFlags, "unknown room flags 0x%x", r.u32(wire.RoomFlags)&^wire.RoomFlagsKnown)
	case r.Namespaces()&^abi.CloneNewNet != abi.RoomNamespaces:
		return faultAt(r.at+wire.RoomNamespaces, "namespaces 0x%x, want 0x%x and at most the network's", r.Namespaces(), uint64(abi.RoomNamespaces))
	case r.Capabilities()&^abi.GrantableCapabilities != 0:
		return faultAt(r.at+wire.RoomCapabilities, "capabilities 0x%x, want at most 0x%x", r.Capabilities(), abi.GrantableCapabilities)
	case r.HandledFS() != abi.LandlockFS || r.HandledNet() != abi.LandlockNet || r.Scoped() != abi.LandlockScopes:
		return faultAt(r.at+wire.RoomHandledFS, "Landlock handles 0x%x, 0x%x and 0x%x, want all that ABI %d knows", r.HandledFS(), r.HandledNet(), r.Scoped(), abi.LandlockABI)
	}
	return nil
}

// attributes wants at least the bits of need in every record, and none that it does
// not know.
func (c *checker) attributes(table, field int, need uint64) error {
	for i := range c.v.count[table] {
		r := c.v.record(table, i)
		if a := r.u64(field); a&need != need || a&^abi.MountAttributes != 0 {
			return faultAt(r.at+field, "mount attributes 0x%x, want 0x%x and at most 0x%x", a, need, uint64(abi.MountAttributes))
		}
	}
	return nil
}
