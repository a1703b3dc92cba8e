package names_test

import (
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/names"
	"github.com/google/go-cmp/cmp"
)

// Every bit that a policy can carry has a name, and one that it cannot is shown.
func TestEveryBitHasAName(t *testing.T) {
	for what, c := range map[string]struct {
		name  func(uint64) []string
		known uint64
	}{
		"Landlock":   {names.Landlock, abi.LandlockFS},
		"network":    {names.LandlockNet, abi.LandlockNet},
		"attributes": {names.MountAttributes, abi.MountReadOnly | abi.MountInert},
		"namespaces": {names.Namespaces, abi.RoomNamespaces | abi.CloneNewNet},
	} {
		seen := map[string]bool{}
		for i := range 64 {
			bit := uint64(1) << i
			got := c.name(bit)
			if len(got) != 1 || seen[got[0]] {
				t.Errorf("%s: bit %d is named %q", what, i, got)
				continue
			}
			seen[got[0]] = true
			if numbered := got[0][0] == '0'; numbered == (c.known&bit != 0) {
				t.Errorf("%s: bit %d is named %q", what, i, got[0])
			}
		}
	}
}

func TestNames(t *testing.T) {
	if diff := cmp.Diff([]string{"ro", "nodev", "0x100000"}, names.MountAttributes(0x100005)); diff != "" {
		t.Error(diff)
	}
	if got := names.Rlimit(policy.RlimitNoFile) + " " + names.Rlimit(99); got != "nofile resource-99" {
		t.Error(got)
	}
}
