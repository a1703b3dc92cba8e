package abi

import "fmt"

// Arch is the machine that a policy is compiled for, as the e_machine number of
// its ELF programs (System V ABI, "Machine types"). The zero value is invalid.
type Arch uint16

const (
	X8664   Arch = 62  // EM_X86_64
	AArch64 Arch = 183 // EM_AARCH64
)

// Arches lists every architecture there is a compiler target for.
var Arches = []Arch{AArch64, X8664}

// String is the name that Nix, Debian's toolchain triplets and `uname -m` use.
func (a Arch) String() string {
	switch a {
	case AArch64:
		return "aarch64"
	case X8664:
		return "x86_64"
	}
	return fmt.Sprintf("architecture %d", uint16(a))
}

// Valid reports whether a is one of Arches.
func (a Arch) Valid() bool { return a == AArch64 || a == X8664 }
