package hardening

import (
	"cmp"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// Invariants gives the rules for sysctls and files in the form in which Bay0 reads
// and compares them in each of its watchdog's periods, ascending by path.
func (r Rules) Invariants(arch abi.Arch) []policy.Invariant {
	var all []policy.Invariant
	for _, s := range r.Sysctls {
		if s.Only.Holds(arch, Version{}) {
			all = append(all, invariant(s.Path(), s.Want))
		}
	}
	for _, f := range r.Files {
		if f.Only.Holds(arch, Version{}) {
			all = append(all, invariant(f.Name, f.Want))
		}
	}
	slices.SortFunc(all, func(a, b policy.Invariant) int { return cmp.Compare(a.Path, b.Path) })
	return all
}

func invariant(path string, w Want) policy.Invariant {
	switch w.Form {
	case Number:
		return policy.Invariant{Path: path, Kind: abi.InvariantRange, Min: w.Min, Max: w.Max}
	case Absent:
		return policy.Invariant{Path: path, Kind: abi.InvariantAbsent}
	}
	return policy.Invariant{Path: path, Kind: abi.InvariantText, Text: w.Values[0]}
}

// CommandLine gives the parameters that set those sysctls with which the kernel
// does not start by itself, in the file's order: "sysctl.kernel.kptr_restrict=2".
// The kernel sets them right before it starts PID 1 (kernel:
// Documentation/admin-guide/kernel-parameters.txt, "sysctl.*").
func (r Rules) CommandLine(arch abi.Arch) []string {
	var words []string
	for _, s := range r.Sysctls {
		if s.Set && s.Only.Holds(arch, Version{}) {
			value, _ := s.Want.exact()
			words = append(words, "sysctl."+s.Name+"="+value)
		}
	}
	return words
}

func sysctlPath(name string) string { return "/proc/sys/" + strings.ReplaceAll(name, ".", "/") }
