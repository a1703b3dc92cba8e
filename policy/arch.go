package policy

import (
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
)

// ParseArch is the inverse of abi.Arch.String for the architectures in abi.Arches.
func ParseArch(name string) (abi.Arch, error) {
	for _, a := range abi.Arches {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("unknown architecture %q: want aarch64 or x86_64", name)
}
