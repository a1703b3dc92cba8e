package blob

import (
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// floor refuses what Bay0 never does, whoever signed it: a room that is root, or in the
// machine's namespaces, or with rights that nothing governs. Everything else that a
// policy says is the compiler's to judge (package judge).
func (v *View) floor() error {
	if n := v.Filter().Len(); n < 1 || n > abi.MaxInstructions {
		return faultAt(0, "Bay0's filter of %d instructions, want 1 to %d", n, abi.MaxInstructions)
	}
	for i := range v.Rooms() {
		if err := v.Room(i).identity(); err != nil {
			return err
		}
	}
	for i := range v.count[wire.Mounts] {
		if m := (Mount{v.record(wire.Mounts, i)}); m.Attributes()&^abi.MountReadOnly != abi.MountInert {
			return faultAt(m.at, "mount attributes 0x%x, want 0x%x and perhaps 0x%x", m.Attributes(), abi.MountInert, abi.MountReadOnly)
		}
	}
	for i := range v.count[wire.Binds] {
		if b := (Bind{v.record(wire.Binds, i)}); (b.Attributes()&^abi.MountReadOnly)|abi.MountNoDev != abi.MountInert {
			return faultAt(b.at, "bind attributes 0x%x, want 0x%x, of which 0x%x may lack, and perhaps 0x%x", b.Attributes(), abi.MountInert, abi.MountNoDev, abi.MountReadOnly)
		}
	}
	return nil
}

func (r Room) identity() error {
	switch uid, gid, n := r.UID(), r.GID(), r.Filter().Len(); {
	case r.Argv().Len() == 0:
		return faultAt(r.at, "a room without a program")
	case n < 1 || n > abi.MaxInstructions:
		return faultAt(r.at, "a filter of %d instructions, want 1 to %d", n, abi.MaxInstructions)
	case uid < abi.MinUID || uid > abi.MaxUID:
		return faultAt(r.at, "uid %d, want %d to %d", uid, abi.MinUID, abi.MaxUID)
	case gid < abi.MinUID || gid > abi.MaxUID:
		return faultAt(r.at, "gid %d, want %d to %d", gid, abi.MinUID, abi.MaxUID)
	case r.Namespaces()&^abi.CloneNewNet != abi.RoomNamespaces:
		return faultAt(r.at, "namespaces 0x%x, want 0x%x and at most the network's", r.Namespaces(), uint64(abi.RoomNamespaces))
	case r.Capabilities()&^abi.GrantableCapabilities != 0:
		return faultAt(r.at, "capabilities 0x%x, want at most 0x%x", r.Capabilities(), abi.GrantableCapabilities)
	case r.HandledFS() != abi.LandlockFS || r.HandledNet() != abi.LandlockNet || r.Scoped() != abi.LandlockScopes:
		return faultAt(r.at, "Landlock handles 0x%x, 0x%x and 0x%x, want all that ABI %d knows", r.HandledFS(), r.HandledNet(), r.Scoped(), abi.LandlockABI)
	}
	return nil
}
