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
		if err := c.room(c.v.at(wire.Rooms, i)); err != nil {
			return err
		}
	}
	for i := range c.v.count[wire.Mounts] {
		if err := c.attributes(c.v.at(wire.Mounts, i)+wire.MountAttributes, abi.MountNoSUID|abi.MountNoDev|abi.MountNoExec); err != nil {
			return err
		}
	}
	for i := range c.v.count[wire.Binds] {
		if err := c.attributes(c.v.at(wire.Binds, i)+wire.BindAttributes, abi.MountNoSUID|abi.MountNoExec); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) room(at int) error {
	r := Room{c.v, at}
	switch uid, gid := r.UID(), r.GID(); {
	case r.Argv().Len() == 0:
		return faultAt(at+wire.RoomArgv, "a room without a program")
	case uid < abi.MinUID || uid > abi.MaxUID:
		return faultAt(at+wire.RoomUID, "uid %d, want %d to %d", uid, abi.MinUID, abi.MaxUID)
	case gid < abi.MinUID || gid > abi.MaxUID:
		return faultAt(at+wire.RoomGID, "gid %d, want %d to %d", gid, abi.MinUID, abi.MaxUID)
	case r.u32(wire.RoomFlags)&^wire.RoomFlagsKnown != 0:
		return faultAt(at+wire.RoomFlags, "unknown room flags 0x%x", r.u32(wire.RoomFlags)&^wire.RoomFlagsKnown)
	case r.Namespaces()&^abi.CloneNewNet != abi.RoomNamespaces:
		return faultAt(at+wire.RoomNamespaces, "namespaces 0x%x, want 0x%x and at most the network's", r.Namespaces(), uint64(abi.RoomNamespaces))
	case r.Capabilities()&^abi.GrantableCapabilities != 0:
		return faultAt(at+wire.RoomCapabilities, "capabilities 0x%x, want at most 0x%x", r.Capabilities(), abi.GrantableCapabilities)
	case r.HandledFS() != abi.LandlockFS || r.HandledNet() != abi.LandlockNet || r.Scoped() != abi.LandlockScopes:
		return faultAt(at+wire.RoomHandledFS, "Landlock handles 0x%x, 0x%x and 0x%x, want all that ABI %d knows", r.HandledFS(), r.HandledNet(), r.Scoped(), abi.LandlockABI)
	}
	return nil
}

// attributes wants at least the bits of need and none that it does not know.
func (c *checker) attributes(at int, need uint64) error {
	if a := c.v.u64(at); a&need != need || a&^abi.MountAttributes != 0 {
		return faultAt(at, "mount attributes 0x%x, want 0x%x and at most 0x%x", a, need, uint64(abi.MountAttributes))
	}
	return nil
}
