package abi

// Numbers of the Linux user API that a policy carries. They are the same on
// every architecture that Anchor OS runs on, and they stand here, not in
// golang.org/x/sys, because a policy for one machine is compiled on another.
// Source: include/uapi/linux/{sched,mount}.h.
const (
	CloneNewNS     = 0x00020000
	CloneNewCgroup = 0x02000000
	CloneNewUTS    = 0x04000000
	CloneNewIPC    = 0x08000000
	CloneNewPID    = 0x20000000
	CloneNewNet    = 0x40000000

	// RoomNamespaces are those that no room shares with the machine.
	RoomNamespaces = CloneNewNS | CloneNewCgroup | CloneNewUTS | CloneNewIPC | CloneNewPID

	MountReadOnly = 0x1 // MOUNT_ATTR_RDONLY
	MountNoSUID   = 0x2 // MOUNT_ATTR_NOSUID
	MountNoDev    = 0x4 // MOUNT_ATTR_NODEV
	MountNoExec   = 0x8 // MOUNT_ATTR_NOEXEC
	// MountInert is what every mount of a room has.
	MountInert = MountNoSUID | MountNoDev | MountNoExec

	// GrantableCapabilities are those that a room can have, as a set of 1 << CAP_*
	// (include/uapi/linux/capability.h). Without user namespaces, any other would
	// reach the whole machine.
	GrantableCapabilities = CapNetBindService
	CapNetBindService     = 1 << 10
)

// What a Landlock ruleset handles (landlock(7)): all rights that LandlockABI, the
// lowest that a machine can have, knows.
const (
	LandlockFS     = 1<<16 - 1 // LANDLOCK_ACCESS_FS_*
	LandlockNet    = 1<<2 - 1  // LANDLOCK_ACCESS_NET_*
	LandlockScopes = 1<<2 - 1  // LANDLOCK_SCOPE_*
	LandlockABI    = 6
)
