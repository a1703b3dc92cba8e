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

// end boots the unit with a fault of testdata/fault in a machine whose clock counts
// instructions: what waits there takes no time here, and what comes first there does
// so on any host.
func (u unit) end(t *testing.T, fault string) vm.Result {
	t.Helper()
	m := u.edit(t, func(p *policy.Policy) { p.Rooms[0].Hostname = "fault-" + fault }).machine(t)
	m.Until, m.Counted = nil, true
	result, err := m.Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	return result
}

// wantEnd compares how a machine ended, the last of what Bay0 said, and what it said
// of each room.
func wantEnd(t *testing.T, result vm.Result, ending vm.Ending, last string, lives map[string][]string) {
	t.Helper()
	told := lines(result, "bay0")
	if len(told) == 0 || told[len(told)-1] != last || result.Ending != ending {
		t.Errorf("the machine ended by %v, want %v, and %q", result.Ending, ending, last)
	}
	for room, want := range lives {
		if diff := cmp.Diff(want, life(result, room)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", room, diff)
		}
	}
	if t.Failed() {
		t.Log(result.Text())
	}
}

// A room that is killed and does not end, as one does that waits for a device which
// does not answer, is given up: the machine goes on without it, and is not started
// again; but not without one that is critical.
func TestRoomThatDoesNotEndIsGivenUp(t *testing.T) {
	t.Parallel()
	result := faultyUnit(t, "rooms-held").
		edit(t, func(p *policy.Policy) {
			p.Rooms[0].Watchdog, p.Rooms[0].Argv = 2000, []string{p.Rooms[0].Argv[0], "ready", "alive 400", "tick"}
		}).
		another(t, "lost", 10021, func(r *policy.Room) {
			r.After = []string{"vital"}
			r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 10, DelayMax: 10, Limit: 5}
		}, "ready", "alive 100", "tick").
		end(t, "rooms-held")
	const held = "it was killed, and does not end"
	wantEnd(t, result, vm.Reset, "refused: critical room vital failed: "+held+"; reset", map[string][]string{
		"lost":  {"ready", "failed: " + held},
		"vital": {"ready"},
	})
}

// While the machine is being stopped no room can hold back its end, be it critical and
// never end, nor turn it into a failure, be it critical and end by itself, with a
// status that says so. Of two requests the last counts.
func TestRequestOutweighsRooms(t *testing.T) {
	t.Parallel()
	result := faultyUnit(t, "asked-twice").
		edit(t, func(p *policy.Policy) {
			p.Rooms[0].Argv = []string{p.Rooms[0].Argv[0], "ready", "wait 20s", "exit 3"}
		}).
		another(t, "lingers", 10021, func(r *policy.Room) {
			r.Critical, r.After, r.StopTimeout = true, []string{"vital"}, 40_000
		}, "ready", "linger").
		end(t, "asked-twice")
	wantEnd(t, result, vm.Reset, "ended: a reset was asked for; reset", map[string][]string{
		"vital":   {"ready", "stopped: it ended with status 3"},
		"lingers": {"ready"},
	})
	if first(result, "lingers", "it was sent terminated") == "" {
		t.Error("lingers was not asked")
	}
}

// A machine can be asked to end before its rooms are ready. The one that is on its way
// is stopped, and none is started any more: not the one that waits for it, nor the one
// that was to be started again meanwhile. Of two requests the last counts.
func TestRequestDuringTheStart(t *testing.T) {
	t.Parallel()
	after := func(room string) func(*policy.Room) {
		return func(r *policy.Room) { r.After = []string{room} }
	}
	result := faultyUnit(t, "asked-early").
		another(t, "lingers", 10021, func(r *policy.Room) { r.StopTimeout = 30_000 }, "ready", "linger").
		another(t, "slow", 10022, after("lingers"), "status Name", "stay").
		another(t, "next", 10023, after("slow"), "ready", "stay").
		another(t, "tired", 10024, func(r *policy.Room) {
			r.After = []string{"lingers"}
			r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 10_000, DelayMax: 10_000, Limit: 5}
		}, "ready", "exit 1").
		end(t, "asked-early")
	wantEnd(t, result, vm.PowerOff, "ended: a power-off was asked for; power-off", map[string][]string{
		"lingers": {"ready", "stopped: it was killed by SIGKILL"},
		"slow":    {"stopped: it ended with status 0"},
		"next":    nil,
		"tired":   {"ready", "it ended with status 1; restart 1 in 10s"},
		"vital":   {"ready", "stopped: it ended with status 2"}, // Go's, on SIGTERM
	})
	var started []string
	for _, text := range lines(result, "bay0") {
		if strings.HasSuffix(text, ": starting") {
			started = append(started, text)
		}
	}
	slices.Sort(started)
	want := []string{"room lingers: starting", "room slow: starting", "room tired: starting", "room vital: starting"}
	if diff := cmp.Diff(want, started); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, result.Text())
	}
}

// Bay0 may be at something else when it is asked, for longer than it takes somebody to
// change their mind. Of two requests the last counts.
func TestRequestsWhileBay0IsBusy(t *testing.T) {
	t.Parallel()
	result := faultyUnit(t, "asked-while-busy").end(t, "asked-while-busy")
	wantEnd(t, result, vm.Reset, "ended: a reset was asked for; reset", map[string][]string{
		"vital": {"ready", "stopped: it ended with status 2"}, // Go's, on SIGTERM
	})
}
