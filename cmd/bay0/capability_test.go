package main_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// A room has the one capability that a policy can grant, in every set, and a room
// without it has none in any.
func TestCapabilityIsGranted(t *testing.T) {
	t.Parallel()
	bounded := func(set uint32) func(*policy.Room) {
		return func(r *policy.Room) { r.Capabilities = set }
	}
	m := witnessUnit(t, []string{"vital"}, func(*policy.Policy) {}).
		another(t, "granted", 10021, bounded(abi.CapNetBindService), "status Cap", "ready", "stay").
		another(t, "none", 10022, bounded(0), "status Cap", "ready", "stay").
		machine(t)
	said := 0 // what a room prints comes to the log when it is read, and that it is ready does not wait for it
	m.Until = func(line string) bool {
		if strings.Contains(line, ": CapAmb:") {
			said++
		}
		return said == 2
	}
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	for room, set := range map[string]string{"granted": "0000000000000400", "none": "0000000000000000"} {
		var want []string
		for _, name := range []string{"Inh", "Prm", "Eff", "Bnd", "Amb"} {
			want = append(want, fmt.Sprintf("Cap%s:?%s", name, set)) // the tab is no character of the log's
		}
		if diff := cmp.Diff(want, lines(result, room)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", room, diff, strings.TrimSpace(result.Text()))
		}
	}
}
