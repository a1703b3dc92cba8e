// Package hardening reads the rules that Anchor OS's kernel is held to: what its
// configuration, its command line and, while it runs, its sysctls and files must
// be, each with the reason and the source, and the waivers of such rules.
//
// The rules are data (kernel/hardening.hcl) in HCL's syntax, of which only blocks
// and plain values are allowed: no expression, no reference, no template. This
// package knows no rule. Judging is the gate's (release/gate/kernel) and Bay0's,
// which gets those rules that can be judged on a running machine from Invariants.
package hardening

import (
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/policy/abi"
)

// Rules is what one file says, each kind in the file's order.
type Rules struct {
	Options    []Option
	Groups     []Group
	Parameters []Parameter
	Sysctls    []Sysctl
	Files      []File
	Waivers    []Waiver
}

// Rule is what all kinds of rules have in common.
type Rule struct {
	Name   string // what is judged: an option, a parameter, a sysctl, a path; or the group's own name
	Reason string // what goes wrong without it: a clause, without a full stop
	Source string // the document that asks for it
	Class  Class
	Only   Condition
	Place  diag.Range // where the rule is named
}

// Class is what a rule is for.
type Class string

const (
	SelfProtection Class = "self-protection" // the kernel's own walls
	AttackSurface  Class = "attack-surface"  // what is not there cannot be attacked
	SecurityPolicy Class = "security-policy" // what confines programs
	Userspace      Class = "userspace"       // what guards programs against each other
	Network        Class = "network"
	Function       Class = "function" // what Bay0 and the rooms cannot do without
)

var classes = []Class{SelfProtection, AttackSurface, SecurityPolicy, Userspace, Network, Function}

// Option is a rule for one option of the kernel's configuration.
type Option struct {
	Rule
	Want Want
}

// Group is a rule for several options: all or at least one of its members must be
// as they say.
type Group struct {
	Rule
	Node
}

// Node is a group or a group within one. Its options have a name, a want and a
// place, and nothing else of a rule.
type Node struct {
	All     bool // all members, else any
	Options []Option
	Nodes   []Node
}

// Parameter is a rule for one parameter of the kernel's command line. Its name is
// written with _, which the kernel takes for the same as -.
type Parameter struct {
	Rule
	Want     Want
	Optional bool // it need not be given: what the kernel was built with holds
}

// Sysctl is a rule for one setting of the running kernel.
type Sysctl struct {
	Rule
	Want Want
	Set  bool // the kernel does not start with it: the command line sets it
}

// Path is where the setting lies (kernel: Documentation/admin-guide/sysctl).
func (s Sysctl) Path() string { return sysctlPath(s.Name) }

// File is a rule for one file that the running kernel shows; its name is the path.
type File struct {
	Rule
	Want Want
}

// All gives what all rules have in common, the groups after the options.
func (r Rules) All() []Rule {
	var all []Rule
	for _, o := range r.Options {
		all = append(all, o.Rule)
	}
	for _, g := range r.Groups {
		all = append(all, g.Rule)
	}
	for _, p := range r.Parameters {
		all = append(all, p.Rule)
	}
	for _, s := range r.Sysctls {
		all = append(all, s.Rule)
	}
	for _, f := range r.Files {
		all = append(all, f.Rule)
	}
	return all
}

// Each calls f with the options that a group judges, at whatever depth.
func (n Node) Each(f func(Option)) {
	for _, o := range n.Options {
		f(o)
	}
	for _, inner := range n.Nodes {
		inner.Each(f)
	}
}

// Condition limits a rule or a waiver to some kernels. The zero value is no limit.
type Condition struct {
	Arches []abi.Arch // none: all
	Since  Version    // zero: from the first
	Before Version    // zero: to the last
}

// Limited reports whether there are kernels that it is not for.
func (c Condition) Limited() bool {
	return len(c.Arches) > 0 || c.Since != Version{} || c.Before != Version{}
}

// Holds reports whether what it limits is for a kernel. A zero version stands for a
// kernel of which it is not known: only what is for all versions holds.
func (c Condition) Holds(arch abi.Arch, v Version) bool {
	switch {
	case len(c.Arches) > 0 && !slices.Contains(c.Arches, arch):
		return false
	case v == Version{}:
		return c.Since == v && c.Before == v
	}
	return v.compare(c.Since) >= 0 && (c.Before == Version{} || v.compare(c.Before) < 0)
}

// overlaps reports whether there can be a kernel for which both hold.
func (c Condition) overlaps(o Condition) bool {
	arches := len(c.Arches) == 0 || len(o.Arches) == 0 ||
		slices.ContainsFunc(c.Arches, func(a abi.Arch) bool { return slices.Contains(o.Arches, a) })
	return arches && (c.Before == Version{} || o.Since.compare(c.Before) < 0) &&
		(o.Before == Version{} || c.Since.compare(o.Before) < 0)
}
