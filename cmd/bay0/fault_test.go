package main_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// faulty is Bay0 with the files of testdata/fault laid over it: a build that does
// itself harm. The first room's hostname says which.
var faulty = sync.OnceValues(func() ([]byte, error) {
	s := sources{}
	if err := errors.Join(s.failing(), s.trying()); err != nil {
		return nil, err
	}
	return s.build()
})

// faultyUnit is a machine with one critical room, which ticks, and the fault.
func faultyUnit(t *testing.T, fault string) unit {
	t.Helper()
	u := witnessUnit(t, []string{"vital"}, func(p *policy.Policy) {
		p.Watchdog = 8 // four times in that Bay0 must come to it, on a loaded host too
		p.Rooms[0].Hostname = "fault-" + fault
		p.CommandLine += " sysctl.kernel.kptr_restrict=2"
		p.Invariants = []policy.Invariant{hiddenPointers}
	})
	var err error
	if u.bay0, err = faulty(); err != nil {
		t.Fatalf("cannot build the faulty Bay0: %v", err)
	}
	return u
}

// A machine that is no longer the one that was booted ends, by Bay0's own hand
// where it has one, else by the watchdog's. The control is each of the others: the
// same build runs until its own fault.
func TestFaultEndsTheMachine(t *testing.T) {
	for fault, c := range map[string]struct {
		ending vm.Ending
		want   string // the last of what Bay0 says
	}{
		"launcher-ends":  {vm.Reset, "refused: cannot go on without the launcher: it ended with status 3; reset"},
		"launcher-hangs": {vm.Watchdog, "the launcher does not answer, and the watchdog is not fed"},
		"root-remounted": {vm.Reset, "refused: cannot accept /: it can be written to; reset"},
		"sysctl-changed": {vm.Reset, `refused: cannot accept /proc/sys/kernel/kptr_restrict: it is "0", the policy wants 2; reset`},
		"governor-hangs": {vm.Watchdog, "hangs"},
		"keyboard":       {vm.Reset, "ended: a reset was asked for; reset"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			m := faultyUnit(t, fault).machine(t)
			m.Until, m.Counted = nil, true
			result, err := m.Run(t.Context())
			if err != nil {
				t.Fatalf("%v\n%s", err, result.Text())
			}
			told := lines(result, "bay0")
			if len(told) == 0 || told[len(told)-1] != c.want || result.Ending != c.ending {
				t.Errorf("the machine ended by %v, want %v, and %q\n%s", result.Ending, c.ending, c.want, result.Text())
			}
			if first(result, "bay0", "room vital: ready") == "" {
				t.Errorf("it was never up\n%s", result.Text())
			}
		})
	}
}

// handless is a faulty Bay0 whose hand fails it: what should end the machine never
// comes back.
var handless = sync.OnceValues(func() ([]byte, error) {
	const file, reboot = "main.go", "	err := unix.Reboot(commands[action])"
	s := sources{}
	if err := errors.Join(s.failing(), s.take(file), s.insert(file, reboot, "	time.Sleep(time.Hour)\n")); err != nil {
		return nil, err
	}
	return s.build()
})

// From the moment that Bay0 has refused the machine the watchdog is not fed: it ends what
// Bay0 cannot, for each reason that there is. By then no room runs any more. The controls are the same faults in
// TestFaultEndsTheMachine, and TestCriticalRoomEndsAfterItWasReady.
func TestWatchdogEndsWhatBay0Cannot(t *testing.T) {
	for fault, want := range map[string]string{
		"launcher-ends":  "refused: cannot go on without the launcher: it ended with status 3; reset",
		"root-remounted": "refused: cannot accept /: it can be written to; reset",
		"sysctl-changed": `refused: cannot accept /proc/sys/kernel/kptr_restrict: it is "0", the policy wants 2; reset`,
		"room-ends":      "refused: critical room vital failed: it ended with status 0; reset",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			u := faultyUnit(t, fault).edit(t, func(p *policy.Policy) {
				if fault == "room-ends" {
					p.Rooms[0].Argv = []string{p.Rooms[0].Argv[0], "ready", "wait 300ms", "exit 0"}
				}
			})
			var err error
			if u.bay0, err = handless(); err != nil {
				t.Fatalf("cannot build the handless Bay0: %v", err)
			}
			m := u.machine(t)
			m.Until, m.Counted = nil, true
			result, err := m.Run(t.Context())
			if err != nil {
				t.Fatalf("%v\n%s", err, result.Text())
			}
			told := lines(result, "bay0")
			if len(told) == 0 || told[len(told)-1] != want || result.Ending != vm.Watchdog {
				t.Errorf("the machine ended by %v, want %v, and %q\n%s", result.Ending, vm.Watchdog, want, result.Text())
			}
			if _, after, _ := strings.Cut(result.Text(), want); strings.Contains(after, "vital: tick ") {
				t.Errorf("vital outlives its machine\n%s", result.Text())
			}
		})
	}
}

// What Bay0 has given up, nobody who takes it over has. The controls are what it
// still does.
func TestGovernorHasGivenUp(t *testing.T) {
	t.Parallel()
	m := faultyUnit(t, "governor-tries").machine(t)
	m.Until = func(line string) bool { return strings.Contains(line, "bay0: tries no more") }
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	const no = "operation not permitted"
	want := []string{
		"read a file: <nil>", "read an invariant: <nil>", "list a directory: open /: permission denied", "write to a cgroup: <nil>",
		"socket AF_UNIX: " + no, "socket AF_INET: " + no, "socket AF_INET6: " + no, "socket AF_NETLINK: " + no,
		"socket AF_PACKET: " + no, "socketpair: " + no,
		"mount: " + no, "remount the root: " + no, "unshare: " + no,
		"execute a program: " + no,
		"change the owner of a file: " + no, "make a file: mkdir /run/new: " + no, "become another user: " + no,
		"trace a process: " + no, "raise a capability: " + no,
		"set a sysctl: open /proc/sys/kernel/kptr_restrict: permission denied",
		"open the log again: permission denied", "open a disk: permission denied",
		"open a disk to read it: permission denied", "read the policy: open /.passports: permission denied",
		"set the clock: " + no, "find its secure bits: 3, <nil>", "find its environment: []", "load another filter: invalid argument",
	}
	var got []string
	for _, text := range lines(result, "bay0") {
		if text, tried := strings.CutPrefix(text, "tries: "); tried {
			got = append(got, text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, result.Text())
	}
}
