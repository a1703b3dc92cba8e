package abi

// Numbers of the Linux user API that a policy carries. They are the same on
// every architecture that Anchor OS runs on, and they stand here, not in
// golang.org/x/sys, because a policy for one machine is compiled on another.
// Source: include/uapi/linux/{sched,mount,landlock,resource,stat}.h.
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
	// MountAttributes are those that a policy can ask for.
	MountAttributes = MountReadOnly | MountNoSUID | MountNoDev | MountNoExec

	KindDevice = 0o020000 // S_IFCHR
	KindSocket = 0o140000 // S_IFSOCK

	// GrantableCapabilities are those that a room can have, as a set of 1 << CAP_*
	// (include/uapi/linux/capability.h). Without user namespaces, any other would
	// reach the whole machine.
	GrantableCapabilities = CapNetBindService
	CapNetBindService     = 1 << 10

	RlimitCore     = 4
	RlimitNoFile   = 7
	RlimitCount    = 16 // RLIM_NLIMITS
	RlimitInfinity = ^uint64(0)
)

// Rights that a Landlock ruleset handles, by the ABI that brought them
// (kernel: Documentation/userspace-api/landlock.rst).
const (
	LandlockExecute    = 1 << 0
	LandlockWriteFile  = 1 << 1
	LandlockReadFile   = 1 << 2
	LandlockReadDir    = 1 << 3
	LandlockRemoveDir  = 1 << 4
	LandlockRemoveFile = 1 << 5
	LandlockMakeChar   = 1 << 6
	LandlockMakeDir    = 1 << 7
	LandlockMakeReg    = 1 << 8
	LandlockMakeSock   = 1 << 9
	LandlockMakeFIFO   = 1 << 10
	LandlockMakeBlock  = 1 << 11
	LandlockMakeSym    = 1 << 12
	LandlockRefer      = 1 << 13 // ABI 2
	LandlockTruncate   = 1 << 14 // ABI 3
	LandlockIoctlDev   = 1 << 15 // ABI 5
	LandlockFS         = 1<<16 - 1

	LandlockBindTCP    = 1 << 0 // ABI 4
	LandlockConnectTCP = 1 << 1 // ABI 4
	LandlockNet        = LandlockBindTCP | LandlockConnectTCP

	LandlockScopeAbstractUnix = 1 << 0 // ABI 6
	LandlockScopeSignal       = 1 << 1 // ABI 6
	LandlockScopes            = LandlockScopeAbstractUnix | LandlockScopeSignal

	// LandlockABI is the lowest ABI that knows all of the above.
	LandlockABI = 6
)
