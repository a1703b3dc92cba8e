package seccomp

import "slices"

// What a filter can answer: the return values of include/uapi/linux/seccomp.h,
// an error number (asm-generic/errno*.h, the same on all architectures) in the
// low half of RET_ERRNO.
const (
	retAllow uint32 = 0x7fff0000
	retKill  uint32 = 0x80000000 // SECCOMP_RET_KILL_PROCESS
	retErrno uint32 = 0x00050000

	retEPERM           = retErrno | 1
	retEINVAL          = retErrno | 22
	retENOSYS          = retErrno | 38
	retEPROTONOSUPPORT = retErrno | 93
	retEOPNOTSUPP      = retErrno | 95
	retEAFNOSUPPORT    = retErrno | 97
)

// byAction stands in the table below for the answer to a call that is not
// allowed at all: the Spec's Deny action.
const byAction uint32 = 0

// A condition restricts an allowed call by the value of one argument. It has
// either only, the values that pass, or never, the values that do not.
//
// Just the low half of the argument is read, and that is the whole of what the
// kernel reads: each argument below is a C int, or flags of which none lies above
// bit 31. Comparing all 64 bits would let TIOCSTI|1<<32 pass for another value
// (CVE-2019-7303, CVE-2019-10063).
type condition struct {
	calls       []string
	arg         int    // counted from 0
	mask        uint32 // the bits of the argument that are compared
	only, never []uint32
	answer      uint32 // when the condition does not hold
	wx          bool   // belongs to the ban on executable memory
}

const everyBit = 0xffffffff

// conditions holds at most one condition for a call, socket and socketpair
// apart, which sockets.go restricts.
var conditions = []condition{
	// New namespaces, see the ban on unshare. CLONE_NEWTIME is not among them: its
	// bit 0x80 is part of the exit signal in clone(2), and only unshare and clone3
	// know it as a flag (kernel/fork.c, CSIGNAL). unsigned long, of which the
	// kernel takes lower_32_bits.
	{calls: []string{"clone"}, arg: 0, mask: cloneNewMask, only: []uint32{0}, answer: byAction},

	// TIOCSTI types into the terminal of whoever started the room (CVE-2017-5226),
	// TIOCLINUX pastes a selection into it (CVE-2023-1523). unsigned int cmd.
	{calls: []string{"ioctl"}, arg: 1, mask: everyBit, never: []uint32{tiocSTI, tiocLINUX}, answer: byAction},

	// Other personalities make readable memory executable, or addresses known
	// (personality(2)). The values: PER_LINUX, and the query. unsigned int.
	{calls: []string{"personality"}, arg: 0, mask: everyBit, only: []uint32{0, 0xffffffff}, answer: byAction},

	// An option outside the list gets what a kernel without it answers: options
	// are added every year, and libraries try them. int option.
	{calls: []string{"prctl"}, arg: 0, mask: everyBit, only: prctlOptions, answer: retEINVAL},

	// These connect without connect(2), which is where Landlock checks the port
	// (landlock-lsm/linux#41). The answer is that of a kernel with TCP Fast Open
	// turned off. unsigned int flags.
	{calls: []string{"sendto"}, arg: 3, mask: msgFastopen, only: []uint32{0}, answer: retEOPNOTSUPP},
	{calls: []string{"sendmsg"}, arg: 2, mask: msgFastopen, only: []uint32{0}, answer: retEOPNOTSUPP},
	{calls: []string{"sendmmsg"}, arg: 3, mask: msgFastopen, only: []uint32{0}, answer: retEOPNOTSUPP},

	// Memory that two rooms share must not shrink under the reader, so it has to be
	// sealable; nor may it hold programs or take the machine's huge pages. The answer
	// is that of a kernel without the flag. unsigned int flags.
	{calls: []string{"memfd_create"}, arg: 1, mask: mfdAllowSealing | mfdHugeTLB | mfdExec, only: []uint32{mfdAllowSealing}, answer: retEINVAL},

	// Executable memory, as systemd's MemoryDenyWriteExecute= defines it: no new
	// mapping that is both, and nothing becomes executable later. A dynamic loader
	// maps code as readable and executable from its file, which passes. EPERM
	// always, never the Deny action: glibc on aarch64 adds PROT_BTI to the program's
	// code by mprotect, and goes on if that fails (glibc bug 26831); JITs try, and
	// interpret. prot is an unsigned long of low bits.
	{calls: []string{"mmap"}, arg: 2, mask: protWrite | protExec, never: []uint32{protWrite | protExec}, answer: retEPERM, wx: true},
	{calls: []string{"mprotect", "pkey_mprotect"}, arg: 2, mask: protExec, only: []uint32{0}, answer: retEPERM, wx: true},
	{calls: []string{"shmat"}, arg: 2, mask: shmExec, only: []uint32{0}, answer: retEPERM, wx: true},
}

// The kernel's numbers (include/uapi), the same on all architectures here.
const (
	cloneNewMask = 0x00020000 | // CLONE_NEWNS
		0x02000000 | // CLONE_NEWCGROUP
		0x04000000 | // CLONE_NEWUTS
		0x08000000 | // CLONE_NEWIPC
		0x10000000 | // CLONE_NEWUSER
		0x20000000 | // CLONE_NEWPID
		0x40000000 //  CLONE_NEWNET

	tiocSTI     = 0x5412
	tiocLINUX   = 0x541c
	msgFastopen = 0x20000000
	protWrite   = 0x2
	protExec    = 0x4
	shmExec     = 0x8000

	mfdAllowSealing = 0x2
	mfdHugeTLB      = 0x4
	mfdExec         = 0x10
)

// prctlOptions are the options of prctl(2) that programs use and that change
// nothing but the caller, and that only within what the room allows. Left out are
// PR_SET_MM (rewrites what /proc says of the process), PR_SET_PTRACER, the
// machine-check and I/O-flusher options, PR_SET_MEMORY_MERGE (merged pages leak
// their contents through time), PR_SET_SYSCALL_USER_DISPATCH (calls that end
// elsewhere), PR_SET_TSC, PR_SCHED_CORE, and checkpoint/restore.
var prctlOptions = []uint32{
	1, 2, // PR_SET_PDEATHSIG, PR_GET_PDEATHSIG: a child that dies with its parent
	3, 4, // PR_GET_DUMPABLE, PR_SET_DUMPABLE: key holders hide their memory
	7, 8, // PR_GET_KEEPCAPS, PR_SET_KEEPCAPS: daemons that lower their privileges
	15, 16, // PR_SET_NAME, PR_GET_NAME: names of threads
	21, 22, // PR_GET_SECCOMP, PR_SET_SECCOMP: a further filter can only narrow
	23, 24, // PR_CAPBSET_READ, PR_CAPBSET_DROP: libcap asks at start
	27,     // PR_GET_SECUREBITS: libcap
	29, 30, // PR_SET_TIMERSLACK, PR_GET_TIMERSLACK
	36, 37, // PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER: process managers
	38, 39, // PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS: sandboxes within
	40,     // PR_GET_TID_ADDRESS
	41, 42, // PR_SET_THP_DISABLE, PR_GET_THP_DISABLE: databases, allocators
	47,     // PR_CAP_AMBIENT: read and cleared; raised only from what is permitted
	50, 51, // PR_SVE_SET_VL, PR_SVE_GET_VL: vector length, aarch64
	52, 53, // PR_GET_SPECULATION_CTRL, PR_SET_SPECULATION_CTRL: own mitigations; the kernel refuses to lift forced ones
	54,     // PR_PAC_RESET_KEYS: pointer authentication, aarch64
	55, 56, // PR_SET_TAGGED_ADDR_CTRL, PR_GET_TAGGED_ADDR_CTRL: memory tagging, aarch64
	60, 61, // PR_PAC_SET_ENABLED_KEYS, PR_PAC_GET_ENABLED_KEYS
	63, 64, // PR_SME_SET_VL, PR_SME_GET_VL
	65, 66, // PR_SET_MDWE, PR_GET_MDWE: the kernel's own ban on executable memory
	74, 75, 76, // PR_GET_, PR_SET_, PR_LOCK_SHADOW_STACK_STATUS: return addresses, aarch64
	0x41555856, // PR_GET_AUXV: the auxiliary vector, which the program was given
	0x53564d41, // PR_SET_VMA: names of anonymous memory (Go's runtime, glibc, bionic)
}

// judge returns what decides over an allowed call.
func (s Spec) judge(name string) *node {
	if slices.Contains(socketCalls, name) {
		return s.judgeSocket()
	}
	for _, c := range conditions {
		if slices.Contains(c.calls, name) && !(c.wx && s.ExecutableMemory) {
			return c.node(s.Deny)
		}
	}
	return leaf(retAllow)
}

func (c condition) node(deny Action) *node {
	refused := c.answer
	if refused == byAction {
		refused = deny.answer()
	}
	if c.only != nil {
		return lookup(argument(c.arg), c.mask, leaf(refused), each(c.only, leaf(retAllow))...)
	}
	return lookup(argument(c.arg), c.mask, leaf(retAllow), each(c.never, leaf(refused))...)
}

// answer is what the kernel is told for a call that is not allowed.
func (a Action) answer() uint32 {
	if a == DenyKill {
		return retKill
	}
	return retEPERM
}
