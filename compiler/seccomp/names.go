package seccomp

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/anchor-os/anchor/policy/abi"
)

// A call is one row of a generated table of system calls.
type call struct {
	number uint32
	name   string
}

// callsOf returns the system calls of an architecture in ascending order of
// their numbers, nil for one that there is no table of.
func callsOf(arch abi.Arch) []call {
	switch arch {
	case abi.AArch64:
		return callsAArch64
	case abi.X8664:
		return callsX8664
	}
	return nil
}

// numbers maps the names of each architecture to their numbers.
var numbers = sync.OnceValue(func() map[abi.Arch]map[string]uint32 {
	index := map[abi.Arch]map[string]uint32{}
	for _, arch := range abi.Arches {
		index[arch] = map[string]uint32{}
		for _, c := range callsOf(arch) {
			index[arch][c.name] = c.number
		}
	}
	return index
})

// Number returns the number of a system call; ok is false where arch has no call
// of that name.
func Number(arch abi.Arch, name string) (number uint32, ok bool) {
	number, ok = numbers()[arch][name]
	return number, ok
}

// Known reports whether some architecture has a system call of that name.
func Known(name string) bool {
	return slices.ContainsFunc(abi.Arches, func(arch abi.Arch) bool {
		_, ok := Number(arch, name)
		return ok
	})
}

// Names returns the names of the system calls of all architectures, sorted.
func Names() []string {
	var names []string
	for _, arch := range abi.Arches {
		for _, c := range callsOf(arch) {
			names = append(names, c.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// resolve checks s and returns the numbers of its allowed calls that arch has.
func (s Spec) resolve(arch abi.Arch) (map[uint32]string, error) {
	if callsOf(arch) == nil {
		return nil, fmt.Errorf("cannot compile a filter for %s: no such target", arch)
	}
	if s.Deny != DenyErrno && s.Deny != DenyKill {
		return nil, fmt.Errorf("cannot compile a filter with deny action %d: want DenyErrno or DenyKill", s.Deny)
	}
	if err := s.checkFamilies(); err != nil {
		return nil, err
	}
	seen, allowed := map[string]bool{}, map[uint32]string{}
	for _, name := range s.Allow {
		if err := checkName(name, seen[name], s.governor); err != nil {
			return nil, err
		}
		seen[name] = true
		if number, ok := Number(arch, name); ok {
			allowed[number] = name
		}
	}
	// An empty rule set once meant an absent filter: firecracker-microvm/firecracker#2585.
	if len(allowed) == 0 {
		return nil, errors.New("cannot compile an empty filter: no system call is allowed")
	}
	return allowed, nil
}

func checkName(name string, seen, governor bool) error {
	reason, forbidden := Forbidden(name)
	switch {
	case !Known(name):
		return fmt.Errorf("cannot allow system call %q: there is no such call", name)
	case seen:
		return fmt.Errorf("cannot allow system call %q: it is listed twice", name)
	case forbidden && !governor:
		return fmt.Errorf("cannot allow system call %q: %s", name, reason)
	}
	return nil
}
