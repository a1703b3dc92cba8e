package probes

import (
	"fmt"
	"strconv"

	"github.com/anchor-os/anchor/policy/abi"
)

// What a filter can answer (include/uapi/linux/seccomp.h); an error number stands
// in the low half.
const (
	retAllow  = 0x7fff0000
	retErrno  = 0x00050000
	retKill   = 0x80000000
	retAction = 0xffff0000
)

// Answer is what the filter has the kernel do about one system call: ALLOW, ERRNO
// with a number, or KILL (seccomp(2)). It knows the instructions that a filter of
// this system can hold, and refuses others.
func Answer(filter []abi.Instruction, arch abi.Arch, number uint32, args ...uint64) (uint32, error) {
	var a uint32
	for pc := 0; pc < len(filter); pc++ {
		i := filter[pc]
		holds := false
		switch i.Op {
		case 0x20: // ld [k]
			a = word(i.K, arch, number, args)
		case 0x54: // and #k
			a &= i.K
		case 0x05: // ja k
			pc += int(i.K)
		case 0x06: // ret #k
			return i.K, nil
		case 0x15: // jeq #k
			holds = a == i.K
		case 0x35: // jge #k
			holds = a >= i.K
		default:
			return 0, fmt.Errorf("instruction %d of the filter has opcode %#x", pc, i.Op)
		}
		if i.Op == 0x15 || i.Op == 0x35 {
			pc += int(skip(i, holds))
		}
	}
	return 0, fmt.Errorf("the filter ends without an answer")
}

func skip(i abi.Instruction, holds bool) uint8 {
	if holds {
		return i.Jt
	}
	return i.Jf
}

// auditArch is AUDIT_ARCH_*: the ELF machine, 64 bits, little-endian
// (include/uapi/linux/audit.h).
func auditArch(arch abi.Arch) uint32 { return uint32(arch) | 0xc0000000 }

// word is 32 bits of struct seccomp_data at a byte offset: number, architecture, an
// address of 64 bits, six arguments.
func word(offset uint32, arch abi.Arch, number uint32, args []uint64) uint32 {
	switch n := int(offset-16) / 8; {
	case offset == 0:
		return number
	case offset == 4:
		return auditArch(arch)
	case offset >= 16 && n < len(args):
		return uint32(args[n] >> (8 * (offset % 8)))
	}
	return 0
}

// judge is the outcome of a system call in the room, if itself is what the kernel
// has to say to it once the filter has let it through.
func (r *room) judge(itself, name string, args ...uint64) string {
	number, known := Number(r.machine.Arch, name)
	if !known {
		return "ENOSYS"
	}
	return r.judgeNumber(itself, number, args...)
}

func (r *room) judgeNumber(itself string, number uint32, args ...uint64) string {
	answer, err := Answer(r.Filter, r.machine.Arch, number, args...)
	if err != nil && r.fault == nil {
		r.fault = err
	}
	switch answer & retAction {
	case retAllow:
		return itself
	case retErrno:
		return errnoName(answer &^ retAction)
	}
	return Killed
}

// through is the outcome of something that takes several calls, if all that they
// are told by the filter is to go on. Sockets are of AF_UNIX.
func (r *room) through(itself string, names ...string) string {
	for _, name := range names {
		var args []uint64
		if name == "socket" {
			args = []uint64{afUnix, stream, 0}
		}
		if got := r.judge(OK, name, args...); got != OK {
			return got
		}
	}
	return itself
}

// may reports whether the filter lets each of the calls through.
func (r *room) may(names ...string) bool { return r.through(OK, names...) == OK }

// errnos are the names of the numbers that filters answer with
// (include/uapi/asm-generic/errno*.h). 95 has two.
var errnos = map[uint32]string{
	1: "EPERM", 2: "ENOENT", 13: "EACCES", 22: "EINVAL", 38: "ENOSYS", 93: "EPROTONOSUPPORT",
	95: "ENOTSUP", 97: "EAFNOSUPPORT",
}

func errnoName(n uint32) string {
	if name, known := errnos[n]; known {
		return name
	}
	return "errno " + strconv.FormatUint(uint64(n), 10)
}
