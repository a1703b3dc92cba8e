// Package compiler turns a directory of passports into a policy. Its phases, each
// in a package of its own, hand on one value and what they found:
//
//  1. source: the TOML files of the directory, read within limits by two readers
//     that must agree, every value with its place
//  2. check: the verdict of the CUE schema and of the rules for the whole system
//  3. image: the digest of each room's image (this package)
//  4. lower: the policy for one architecture, in canonical order, with seccomp
//     filters from package seccomp
//
// Every phase goes on as far as it can, so that one run finds every fault; a
// later one never sees what an earlier one refused. Nothing here writes a file.
package compiler

import (
	"io/fs"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/compiler/lower"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/kernel"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// Target is what a policy is compiled for.
type Target struct {
	Arch abi.Arch
	// Images holds ROOM.squashfs for every room. If it is nil, the policy's rooms
	// stay unbound: it can be looked at, but never boots.
	Images fs.FS
}

// Check judges the passports in rooms, which diagnostics call by name.
func Check(rooms fs.FS, name string) diag.List {
	tree, faults := source.ReadTree(rooms, name)
	return append(faults, check.Faults(tree)...)
}

// CheckRoom judges the one passport in the directory room, without the rules
// that need the whole system.
func CheckRoom(room fs.FS, name string) diag.List {
	directory, faults := source.ReadRoom(room, name)
	return append(faults, check.CheckRoom(directory)...)
}

// Compile makes the policy of the passports in rooms. If the list has errors,
// there is no policy.
func Compile(rooms fs.FS, name string, t Target) (policy.Policy, diag.List, error) {
	tree, faults := source.ReadTree(rooms, name)
	c, more := check.Check(tree)
	if faults = append(faults, more...); faults.HasErrors() {
		return policy.Policy{}, faults, nil
	}
	images, more := bindImages(c, t.Images)
	if faults = append(faults, more...); faults.HasErrors() {
		return policy.Policy{}, faults, nil
	}
	rules, more := hardening.Read(kernel.HardeningName, kernel.Hardening)
	if faults = append(faults, more...); faults.HasErrors() {
		return policy.Policy{}, faults, nil
	}
	p, err := lower.Policy(t.Arch, c, images, rules)
	return p, faults, err
}
