package policy

// Numbers of the Linux user API that policies carry and Bay0 only passes on. They are
// the same on every architecture that Anchor OS runs on, and they stand here, not in
// golang.org/x/sys, because a policy for one machine is compiled on another.
// Source: include/uapi/linux/{landlock,resource,stat}.h.

// Kinds of nodes that a room can be given.
const (
	KindDevice = 0o020000 // S_IFCHR
	KindSocket = 0o140000 // S_IFSOCK
)

const (
	RlimitCore     = 4
	RlimitNoFile   = 7
	RlimitCount    = 16 // RLIM_NLIMITS
	RlimitInfinity = ^uint64(0)
)

// Rights that a Landlock ruleset handles, by the ABI that brought them
// (kernel: Documentation/userspace-api/landlock.rst). Rooms have all handled: see
// abi.LandlockFS and abi.LandlockNet.
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

	LandlockBindTCP    = 1 << 0 // ABI 4
	LandlockConnectTCP = 1 << 1 // ABI 4
)
