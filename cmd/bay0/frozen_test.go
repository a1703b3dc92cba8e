package main_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// frozenUnit has a room whose disk stops to answer: its first process waits for it,
// says WATCHDOG=1 no more, and cannot be killed. Its child does something else.
func frozenUnit(t *testing.T) unit {
	return witnessUnit(t, []string{"flaky", "vital"}, func(p *policy.Policy) {
		p.Watchdog = 60
		flaky := witnessRoom(t, p, "flaky")
		flaky.After, flaky.Hostname, flaky.Watchdog = nil, "fault-volume-frozen", 2000
		flaky.Argv = []string{flaky.Argv[0], "ready", "beside tick", "write /data/kept"}
		witnessRoom(t, p, "vital").After = []string{"flaky"}
	})
}

// withRuns gives a machine the disk of the room flaky.
func withRuns(t *testing.T, m *vm.Machine) {
	t.Helper()
	m.Disk = filepath.Join(t.TempDir(), "disk")
	if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{{Label: "runs", Size: vm.SmallestPartition, Owner: 10012}}); err != nil {
		t.Fatal(err)
	}
}

const givenUp = "failed: it was killed, and does not end"

// frozen is two seconds after Bay0 has given the room up.
func frozen() func(string) bool { return ticksAfter("bay0: room flaky: "+givenUp, 8) }

// outlives reports whether something of a room has gone on after it was killed, up to
// when it was given up, by what the room and vital say four times a second. Between
// the two are ten seconds.
func outlives(result vm.Result, room string) bool {
	ticks := 0
	for _, line := range result.Lines {
		switch {
		case strings.Contains(line.Text, " "+room+": tick "):
			ticks = 0
		case strings.Contains(line.Text, " vital: tick "):
			ticks++
		case strings.Contains(line.Text, "bay0: room "+room+": "+givenUp):
			return ticks < 20
		}
	}
	return false
}

// When a room is killed, all of it that can end does, at once: its first process waits
// for a disk, and while it does the kernel does not end the others for it.
func TestRoomThatDoesNotEndEndsAsFarAsItCan(t *testing.T) {
	t.Parallel()
	u := frozenUnit(t)
	var err error
	if u.bay0, err = faulty(); err != nil {
		t.Fatalf("cannot build the faulty Bay0: %v", err)
	}
	m := u.machine(t)
	withRuns(t, &m)
	m.Until, m.Counted = frozen(), true
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	if diff := cmp.Diff([]string{"ready", givenUp}, life(result, "flaky")); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, result.Text())
	}
	if outlives(result, "flaky") || first(result, "flaky", "tick ") == "" {
		t.Errorf("its child goes on, or was never there\n%s", result.Text())
	}
}
