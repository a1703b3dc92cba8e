package seccomp

import (
	"cmp"
	"slices"

	"github.com/anchor-os/anchor/policy/abi"
)

// A word is the offset of 32 bits of struct seccomp_data
// (include/uapi/linux/seccomp.h), in bytes.
type word uint32

const (
	wordNumber word = 0
	wordArch   word = 4
	dataSize        = 64 // the number, the architecture, an address, six arguments
)

// argument is the low half of argument n, counted from 0: both architectures are
// little-endian.
func argument(n int) word { return word(16 + 8*n) }

// A node says what a filter does next: a leaf answers, a lookup takes a word and
// goes on by the range that its masked value lies in.
type node struct {
	answer uint32 // of a leaf

	word word
	mask uint32
	arms []arm // of a lookup, ascending; the first begins at 0
}

// An arm is the range of values from first to the next arm's first, or to the end.
type arm struct {
	first uint32
	then  *node
}

// A match is one value of a lookup, and what follows from it.
type match struct {
	value uint32
	then  *node
}

func leaf(answer uint32) *node { return &node{answer: answer} }

func (n *node) leaf() bool { return n.arms == nil }

// each gives several values the same outcome.
func each(values []uint32, then *node) []match {
	var matches []match
	for _, v := range values {
		matches = append(matches, match{v, then})
	}
	return matches
}

// lookup makes a node that goes by single values, all different, in any order.
func lookup(w word, mask uint32, otherwise *node, matches ...match) *node {
	slices.SortFunc(matches, func(a, b match) int { return cmp.Compare(a.value, b.value) })
	arms := []arm{{0, otherwise}}
	for _, m := range matches {
		arms = set(arms, m.value, m.then)
		if m.value != everyBit {
			arms = append(arms, arm{m.value + 1, otherwise})
		}
	}
	return &node{word: w, mask: mask, arms: arms}
}

// set ends arms with one that begins at first, not before the last one there.
func set(arms []arm, first uint32, then *node) []arm {
	if last := len(arms) - 1; arms[last].first == first {
		arms = arms[:last]
	}
	return append(arms, arm{first, then})
}

// rules builds the tree of the whole filter; allowed has the numbers and names of
// the calls that arch allows.
func (s Spec) rules(arch abi.Arch, allowed map[uint32]string) *node {
	numbers := &node{word: wordNumber, mask: everyBit, arms: s.numberArms(arch, allowed)}
	return lookup(wordArch, everyBit, leaf(retKill), match{auditArch(arch), numbers})
}

// auditArch is the kernel's AUDIT_ARCH_* (include/uapi/linux/audit.h): the ELF
// machine with the bits for 64-bit and little-endian.
func auditArch(arch abi.Arch) uint32 { return uint32(arch) | 0x80000000 | 0x40000000 }

// The calls of x32 carry this bit in their numbers (arch/x86/include/uapi/asm/unistd.h).
const x32Bit = 0x40000000

// numberArms partitions all numbers. What is not in the table, above it or in a
// gap, is ENOSYS.
func (s Spec) numberArms(arch abi.Arch, allowed map[uint32]string) []arm {
	unknown := leaf(retENOSYS)
	arms := []arm{{0, unknown}}
	for _, c := range callsOf(arch) {
		arms = set(arms, c.number, s.judgeNumber(c, allowed))
		arms = append(arms, arm{c.number + 1, unknown})
	}
	if arch == abi.X8664 {
		kill := leaf(retKill)
		arms = append(arms,
			arm{x32Bit, kill}, arm{2 * x32Bit, unknown}, // the bit is set in the second
			arm{3 * x32Bit, kill}, arm{everyBit, unknown}) // and in the last quarter
	}
	return arms
}

func (s Spec) judgeNumber(c call, allowed map[uint32]string) *node {
	if c.name == "clone3" {
		return leaf(retENOSYS)
	}
	if name, ok := allowed[c.number]; ok {
		return s.judge(name)
	}
	return leaf(s.Deny.answer())
}
