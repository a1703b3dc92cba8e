package abi

import (
	"cmp"
	"fmt"
)

// Arch is the machine that a policy is compiled for, as the e_machine number of
// its ELF programs (System V ABI, "Machine types"). The zero value is invalid.
type Arch uint16

const (
	X8664   Arch = 62  // EM_X86_64
	AArch64 Arch = 183 // EM_AARCH64
)

// Arches lists every architecture there is a compiler target for.
var Arches = []Arch{AArch64, X8664}

var archNames = map[Arch]string{AArch64: "aarch64", X8664: "x86_64"}

// String is the name that Nix, Debian's toolchain triplets and `uname -m` use.
func (a Arch) String() string {
	return cmp.Or(archNames[a], fmt.Sprintf("architecture %d", uint16(a)))
}

// Valid reports whether a is one of Arches.
func (a Arch) Valid() bool { return a == AArch64 || a == X8664 }
