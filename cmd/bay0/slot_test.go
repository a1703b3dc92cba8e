package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// These tests boot from slots: what the firmware starts is up to its variables,
// which outlast resets, and are read from outside when the machine has ended.

const (
	global    = "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	bootOrder = "BootOrder" + global
	bootNext  = "BootNext" + global
)

// settles is a release whose room stays up, fails one whose room does not.
func settles(t *testing.T, version uint32) unit {
	return witnessUnit(t, []string{"vital"}, func(p *policy.Policy) { p.Version, p.Floor = version, version })
}

func fails(t *testing.T) unit {
	return witnessUnit(t, []string{"vital"}, func(p *policy.Policy) {
		p.Rooms[0].Argv = []string{p.Rooms[0].Argv[0], "ready", "exit 1"}
	})
}

// slotMachine has a release in each slot, and A first in the boot order. It ends
// when Bay0 says what until is the start of.
func slotMachine(t *testing.T, a, b unit, resets int, until string) vm.Machine {
	t.Helper()
	parts, err := vm.FindParts()
	if err != nil {
		t.Fatal(err)
	}
	m := vm.Machine{
		Slots: [2]string{a.assemble(t, parts), b.assemble(t, parts)}, Firmware: parts.Firmware,
		Flash: filepath.Join(t.TempDir(), "flash.fd"), Resets: resets, Timeout: 6 * time.Minute, // up to seven boots
		Until: func(line string) bool {
			_, text, _ := vm.Line{Text: line}.Message()
			return until != "" && strings.HasPrefix(text, until)
		},
	}
	if err := os.WriteFile(m.Flash, read(t, parts.Vars), 0o600); err != nil {
		t.Fatal(err)
	}
	setVariables(t, m, map[string][]byte{
		"Boot0000" + global: vm.SlotEntry(abi.SlotA),
		"Boot0001" + global: vm.SlotEntry(abi.SlotB),
		bootOrder:           {0, 0, 1, 0},
	})
	return m
}

func setVariables(t *testing.T, m vm.Machine, values map[string][]byte) {
	t.Helper()
	if err := vm.SetVariables(m.Flash, values); err != nil {
		t.Fatal(err)
	}
}

// run runs the machine to an end of its own, and says what Bay0 has said of slots
// and of its own end.
func run(t *testing.T, m vm.Machine, want vm.Ending) []string {
	t.Helper()
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != want {
		t.Fatalf("the machine ended by %v, want %v: %v\n%s", result.Ending, want, err, result.Text())
	}
	var told []string
	for _, text := range lines(result, "bay0") {
		for _, of := range []string{"slot: ", "refused: ", "settled: "} {
			if strings.HasPrefix(text, of) {
				told = append(told, text)
			}
		}
	}
	return told
}

// ours are the variables that Bay0 writes. Of the order it is the first two that
// count: the firmware adds what else it finds.
func ours(t *testing.T, m vm.Machine) map[string][]byte {
	t.Helper()
	all, err := vm.Variables(m.Flash)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for short, name := range map[string]string{
		"order": bootOrder, "next": bootNext, "floor": abi.FloorVariable,
		"A": abi.SlotA.UnsettledVariable(), "B": abi.SlotB.UnsettledVariable(),
	} {
		if value, there := all[name]; there {
			found[short] = value[:min(len(value), 4)]
		}
	}
	return found
}

func expect(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const (
	stayedUp   = "settled: what has to stay up has, for 2s"
	roomFailed = "refused: critical room vital failed: it ended with status 1; reset"
)

// Two boots of it were lost: that is forgotten.
func TestPromotedSlotSettles(t *testing.T) {
	t.Parallel()
	m := slotMachine(t, settles(t, 3), fails(t), 0, "slot: from now on no policy")
	setVariables(t, m, map[string][]byte{abi.SlotA.UnsettledVariable(): {2}})
	expect(t, []string{
		"slot: A, promoted true, unsettled boots 2",
		stayedUp,
		"slot: from now on slot A has no unsettled boots",
		"slot: from now on no policy below version 3 runs",
	}, run(t, m, vm.Matched))
	expect(t, map[string][]byte{"order": {0, 0, 1, 0}, "A": {0}, "floor": {3, 0, 0, 0}}, ours(t, m))
}

// A slot that is tried and settles is the first from then on, and what was the
// first is too old: tried in its turn, it is refused, and the machine comes back.
func TestTriedSlotSettlesAndShutsOutTheOther(t *testing.T) {
	t.Parallel()
	m := slotMachine(t, settles(t, 1), settles(t, 2), 1, "slot: from now on no policy")
	setVariables(t, m, map[string][]byte{bootNext: {1, 0}})
	expect(t, []string{
		"slot: B, promoted false, unsettled boots 0",
		stayedUp,
		"slot: from now on slot B is started first",
		"slot: from now on no policy below version 2 runs",
	}, run(t, m, vm.Matched))
	expect(t, map[string][]byte{"order": {1, 0, 0, 0}, "floor": {2, 0, 0, 0}}, ours(t, m))

	setVariables(t, m, map[string][]byte{bootNext: {0, 0}})
	m.Until = func(line string) bool { return strings.Contains(line, "slot: from now on slot B has") }
	expect(t, []string{
		"slot: A, promoted false, unsettled boots 0",
		"refused: cannot run policy version 1: version 2 is the lowest that this machine may run; reset",
		"slot: B, promoted true, unsettled boots 0",
		stayedUp,
		"slot: from now on slot B has no unsettled boots",
	}, run(t, m, vm.Matched))
	expect(t, map[string][]byte{"order": {1, 0, 0, 0}, "floor": {2, 0, 0, 0}, "B": {0}}, ours(t, m))
}

// A room that is not critical can fail, be it for a disk that was taken out: that
// keeps a slot from being promoted, and does not count against one that was.
func TestRoomThatIsNotCriticalFails(t *testing.T) {
	t.Parallel()
	lacking := settles(t, 1).another(t, "lacking", 10021, func(r *policy.Room) {
		r.Restart = abi.Restart{Mode: abi.RestartNever}
	}, "exit 1")
	t.Run("promoted", func(t *testing.T) {
		t.Parallel()
		m := slotMachine(t, lacking, fails(t), 0, "slot: from now on no policy")
		setVariables(t, m, map[string][]byte{abi.SlotA.UnsettledVariable(): {2}})
		expect(t, []string{
			"slot: A, promoted true, unsettled boots 2",
			stayedUp,
			"slot: from now on slot A has no unsettled boots",
			"slot: from now on no policy below version 1 runs",
		}, run(t, m, vm.Matched))
		expect(t, map[string][]byte{"order": {0, 0, 1, 0}, "A": {0}, "floor": {1, 0, 0, 0}}, ours(t, m))
	})
	t.Run("tried", func(t *testing.T) {
		t.Parallel()
		m := slotMachine(t, fails(t), lacking, 0, "")
		setVariables(t, m, map[string][]byte{bootNext: {1, 0}})
		m.Until = ticksAfter("bay0: room lacking: failed: ", 16) // twice the settle time
		expect(t, []string{"slot: B, promoted false, unsettled boots 0"}, run(t, m, vm.Matched))
		expect(t, map[string][]byte{"order": {0, 0, 1, 0}}, ours(t, m))
	})
}

func TestTriedSlotWhoseCriticalRoomFails(t *testing.T) {
	t.Parallel()
	m := slotMachine(t, settles(t, 1), fails(t), 1, "slot: from now on no policy")
	setVariables(t, m, map[string][]byte{bootNext: {1, 0}})
	expect(t, []string{
		"slot: B, promoted false, unsettled boots 0",
		roomFailed,
		"slot: A, promoted true, unsettled boots 0",
		stayedUp,
		"slot: from now on slot A has no unsettled boots",
		"slot: from now on no policy below version 1 runs",
	}, run(t, m, vm.Matched))
	expect(t, map[string][]byte{"order": {0, 0, 1, 0}, "A": {0}, "floor": {1, 0, 0, 0}}, ours(t, m))
}

// threeFailures is what Bay0 says of a promoted slot A that does not settle.
var threeFailures = []string{
	"slot: A, promoted true, unsettled boots 0", roomFailed,
	"slot: A, promoted true, unsettled boots 1", roomFailed,
	"slot: A, promoted true, unsettled boots 2", roomFailed,
	"slot: A, promoted true, unsettled boots 3",
	"refused: cannot start slot A again: 3 boots in a row have not settled; slot B is next; reset",
	"slot: B, promoted false, unsettled boots 0",
}

func TestPromotedSlotThatFailsGivesWayToTheOther(t *testing.T) {
	t.Parallel()
	m := slotMachine(t, fails(t), settles(t, 1), 4, "slot: from now on no policy")
	expect(t, append(threeFailures[:len(threeFailures):len(threeFailures)],
		stayedUp,
		"slot: from now on slot B is started first",
		"slot: from now on slot A has no unsettled boots",
		"slot: from now on no policy below version 1 runs",
	), run(t, m, vm.Matched))
	expect(t, map[string][]byte{"order": {1, 0, 0, 0}, "A": {0}, "floor": {1, 0, 0, 0}}, ours(t, m))
}

func TestMachineWithoutASlotThatSettlesEndsSwitchedOff(t *testing.T) {
	t.Parallel()
	m := slotMachine(t, fails(t), fails(t), 9, "")
	expect(t, append(threeFailures[:len(threeFailures):len(threeFailures)],
		roomFailed,
		"slot: A, promoted true, unsettled boots 4",
		"refused: cannot start slot A again: 3 boots in a row have not settled, and no other slot is left to try; power-off",
	), run(t, m, vm.PowerOff))
	expect(t, map[string][]byte{"order": {0, 0, 1, 0}, "A": {0}}, ours(t, m))
}

// A machine whose firmware offers no variables runs, if the policy does not need
// any.
func TestMachineWithoutFirmwareVariables(t *testing.T) {
	const none = "slot: none, and any version may run: cannot open the firmware's variables: operation not supported"
	for name, c := range map[string]struct {
		secureBoot bool
		last       string
		ending     vm.Ending
	}{
		"it runs":                             {false, stayedUp, vm.Matched},
		"not if the policy wants Secure Boot": {true, "refused: cannot run without Secure Boot: the policy requires it; reset", vm.Reset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := witnessUnit(t, []string{"vital"}, func(p *policy.Policy) {
				p.CommandLine += " efi=noruntime"
				p.SecureBoot = c.secureBoot
			}).machine(t)
			m.Until = func(line string) bool { return strings.Contains(line, "bay0: settled: ") }
			expect(t, []string{none, c.last}, run(t, m, c.ending))
		})
	}
}
