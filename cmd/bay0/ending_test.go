package main_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// A machine does not outlive a room that it cannot do without, however well the
// room ends, and says which it was and why. The control is the same room in
// TestRoomThatAlwaysEnds, which lives on, and so does its machine.
func TestCriticalRoomEndsAfterItWasReady(t *testing.T) {
	for name, c := range map[string]struct {
		act       string
		onFailure abi.FailureAction
		want      string
		ending    vm.Ending
	}{
		"well":              {"exit 0", abi.Reset, "it ended with status 0; reset", vm.Reset},
		"by a refused call": {"call", abi.Reset, "it was killed by SIGSYS; reset", vm.Reset},
		"for want of memory, and the policy wants no reset": {"eat", abi.PowerOff, "it was killed by SIGKILL; power-off", vm.PowerOff},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := witnessUnit(t, []string{"vital"}, func(p *policy.Policy) {
				p.OnFailure = c.onFailure
				p.Rooms[0].Argv = []string{p.Rooms[0].Argv[0], "ready", "wait 300ms", c.act}
			}).machine(t)
			m.Until = nil
			result, err := m.Run(t.Context())
			if err != nil {
				t.Fatalf("%v\n%s", err, result.Text())
			}
			got := slices.Concat(life(result, "vital"), []string{first(result, "bay0", "refused: ")})
			want := []string{"ready", "refused: critical room vital failed: " + c.want}
			if diff := cmp.Diff(want, got); diff != "" || result.Ending != c.ending {
				t.Errorf("the machine ended by %v, want %v; Bay0 (-want +got):\n%s\n%s", result.Ending, c.ending, diff, result.Text())
			}
		})
	}
}

// A room that is always started again is so when it ends well, after longer and
// longer, and then no more. Without it the machine goes on, but never settles, in
// more time than it would need: the control is TestGrantedAndDenied.
func TestRoomThatAlwaysEnds(t *testing.T) {
	t.Parallel()
	m := witnessUnit(t, []string{"flaky", "vital"}, func(p *policy.Policy) {
		r := witnessRoom(t, p, "flaky")
		r.After, r.Mounts = nil, slices.DeleteFunc(r.Mounts, func(m policy.Mount) bool { return m.Partition != "" })
		r.Landlock.Paths = slices.DeleteFunc(r.Landlock.Paths, func(r policy.PathRule) bool { return r.Path == "/data" })
		r.Argv = []string{r.Argv[0], "ready", "wait 300ms", "exit 0"}
		r.Restart.Limit = 3
	}).machine(t)
	m.Until = ticksAfter("bay0: room flaky: failed: ", 30) // 7.5 s: 2 to settle, 5 until Bay0 looks
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	want := []string{
		"ready", "it ended with status 0; restart 1 in 100ms",
		"ready", "it ended with status 0; restart 2 in 200ms",
		"ready", "it ended with status 0; restart 3 in 400ms",
		"ready", "failed: it ended with status 0, after 3 restarts in a row",
	}
	if diff := cmp.Diff(want, life(result, "flaky")); diff != "" {
		t.Errorf("flaky (-want +got):\n%s\n%s", diff, result.Text())
	}
	if diff := cmp.Diff([]string{"ready"}, life(result, "vital")); diff != "" {
		t.Errorf("vital (-want +got):\n%s", diff)
	}
	if settled := first(result, "bay0", "settled"); settled != "" {
		t.Errorf("the machine has %q\n%s", settled, result.Text())
	}
}

// ticksAfter is satisfied when vital has ticked n times after a line.
func ticksAfter(text string, n int) func(string) bool {
	seen := false
	return func(line string) bool {
		seen = seen || strings.Contains(line, text)
		if seen && strings.Contains(line, " vital: tick ") {
			n--
		}
		return n < 0
	}
}

// A room that has shut down a socket that others hold cannot be mended by starting
// it again, and Bay0 says so. The control is TestRoomThatAlwaysEnds.
func TestRoomThatShutsItsSocketIsNotStartedAgain(t *testing.T) {
	t.Parallel()
	m := witnessUnit(t, []string{"provider", "vital"}, func(p *policy.Policy) {
		r := witnessRoom(t, p, "provider")
		r.Mounts = slices.DeleteFunc(r.Mounts, func(m policy.Mount) bool { return m.Partition != "" })
		r.Landlock.Paths = slices.DeleteFunc(r.Landlock.Paths, func(r policy.PathRule) bool { return r.Path == "/data" })
		r.Argv = []string{r.Argv[0], "ready", "shut 4", "exit 1"}
		r.Restart = abi.Restart{Mode: abi.RestartOnFailure, Delay: 100, DelayMax: 100, Limit: 2}
	}).machine(t)
	m.Until = func(line string) bool { return strings.Contains(line, "bay0: room provider: failed: ") }
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	const shut = "cannot give the room socket packets again: it has shut it down"
	want := []string{
		"ready", "it ended with status 1; restart 1 in 100ms",
		shut + "; restart 2 in 100ms",
		"failed: " + shut + ", after 2 restarts in a row",
	}
	if diff := cmp.Diff(want, life(result, "provider")); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, result.Text())
	}
}
