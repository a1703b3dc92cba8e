// Package seccomp compiles what a room may ask of the kernel into the classic
// BPF program that the kernel runs before each of its system calls.
//
// The phases of Compile, in order:
//
//  1. resolve: names to numbers of one architecture; what no room may call is refused (names.go, forbidden.go)
//  2. rules: numbers and arguments to a tree of lookups (rules.go, conditions.go, sockets.go)
//  3. simplify: the passes that make the tree smaller and keep its meaning (simplify.go)
//  4. lower: each lookup to a binary search of compare-and-branch blocks (lower.go)
//  5. emit: blocks to instructions, with labels resolved (emit.go)
//  6. prove: every path ends in an answer within the length of the program (prove.go)
//
// The same Spec gives the same instructions, whatever the order of its lists.
//
// What a filter answers, in the order in which it looks:
//
//   - another architecture's calling convention: KILL_PROCESS. The numbers mean
//     other calls there (kernel, seccomp_filter.rst, "Pitfalls").
//   - on x86_64, a number with the x32 bit: KILL_PROCESS, for the same reason.
//     Number 0xffffffff is excepted: a tracer puts it there to skip a call, and
//     the kernel itself answers ENOSYS to it.
//   - a number that the tables do not know, and clone3: ENOSYS, never EPERM, so
//     that libraries fall back to an older call (opencontainers/runc#2750).
//   - a call that is known and not allowed: the Spec's Deny action.
//   - an allowed call: ALLOW, or what its arguments say.
//
// A call that is allowed or refused whatever its arguments is decided by loads of
// the architecture and number alone: the kernel then knows the answer beforehand
// and does not run the filter at all (kernel/seccomp.c, seccomp_is_const_allow).
package seccomp

import (
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
)

//go:generate go run gen.go

// Action is what happens to a thread that makes a call it may not make. The zero
// value is invalid.
type Action uint8

const (
	DenyErrno Action = iota + 1 // the call fails with EPERM
	DenyKill                    // the process ends with SIGSYS
)

// Spec is what one filter allows: the whole of it, since a profile and what a
// passport adds to and takes from it are resolved by the caller.
type Spec struct {
	// Allow names the allowed system calls by their kernel names ("openat"), in
	// any order, each once. A name of another architecture only is left out, so
	// that one list serves all.
	Allow []string

	// Families names the address families that socket and socketpair may use,
	// each once ("AF_UNIX"). Every other gets EAFNOSUPPORT. AF_INET and AF_INET6
	// mean TCP: SOCK_STREAM with protocol 0 or IPPROTO_TCP.
	Families []string

	// UDP adds SOCK_DGRAM with protocol 0 or IPPROTO_UDP to AF_INET and AF_INET6.
	UDP bool

	// ExecutableMemory lifts the ban on memory that is writable and executable
	// at the same time or one after the other. The ban holds for memory, not for
	// files: a file that the room can write and that is not on a noexec mount can
	// still be mapped executable, and so can a memfd. Whoever allows memfd_create
	// gives up most of the ban; so does the profile desktop.
	ExecutableMemory bool

	// Deny is the answer to a known call that is not allowed.
	Deny Action

	governor bool // it is Bay0, which may do what no room may
}

// Compile translates s for one architecture. The program has at most
// abi.MaxInstructions instructions and is proven to end (see WorstPath). An
// error names the entry of s that cannot be compiled.
func Compile(arch abi.Arch, s Spec) ([]abi.Instruction, error) { return s.compile(arch) }

func (s Spec) compile(arch abi.Arch) ([]abi.Instruction, error) {
	allowed, err := s.resolve(arch)
	if err != nil {
		return nil, err
	}
	root := simplify(s.rules(arch, allowed))
	program, err := emit(lower(root))
	if err != nil {
		return nil, err
	}
	if _, err := WorstPath(program); err != nil {
		return nil, fmt.Errorf("cannot trust the compiled filter: %w", err)
	}
	return program, nil
}
