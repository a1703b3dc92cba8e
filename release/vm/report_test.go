package vm

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// console makes lines of the kernel's log, a hundredth of a second apart, that came a second later.
func console(texts ...string) (lines []Line) {
	for i, text := range texts {
		stamp := time.Duration(i+1) * 10 * time.Millisecond
		lines = append(lines, Line{time.Second + stamp, "[    0.0" + string(rune('1'+i)) + "0000] " + text})
	}
	return lines
}

func TestRooms(t *testing.T) {
	tests := []struct {
		name  string
		lines []Line
		want  []Room
	}{
		{"no rooms", console("bay0: policy sha256:12 version 1, rooms 0", "web: x"), nil},
		{"a room with a report", console(
			"web: grant  tmpfs  write  ok",
			"web: deny   tcp  connect 80  EACCES as expected",
			"web: report: 21 grants used, 96 neighbours denied, 0 wrong",
			"bay0: room web: ready in 812 ms",
			`bay0: {"room":"web","state":"ready","memory_kib":12345}`,
		), []Room{{Name: "web", State: Ready, Ready: 812 * time.Millisecond, Memory: 12345 << 10, Reported: true, Grants: 21, Denials: 96,
			Probes: []Probe{{Grant: true, Rule: "tmpfs", Act: "write"}, {Rule: "tcp", Act: "connect 80", Outcome: "EACCES"}}}}},
		{"rooms without one, by name", console("bay0: room web: ready in 3 ms", "bay0: room reader: ready in 2 ms"),
			[]Room{{Name: "reader", State: Ready, Ready: 2 * time.Millisecond}, {Name: "web", State: Ready, Ready: 3 * time.Millisecond}}},
		{"a room that fails", console("bay0: room web: failed: cannot execute the program: no such file or directory"),
			[]Room{{Name: "web", State: Failed, Reason: "cannot execute the program: no such file or directory"}}},
		{"a room that is to start again", console("bay0: room web: it was killed by SIGKILL; restart 2 in 200ms"),
			[]Room{{Name: "web", State: Restarting, Reason: "it was killed by SIGKILL"}}},
		{"a room that was started again", console("bay0: room web: it ended with status 1; restart 1 in 100ms", "bay0: room web: ready in 9 ms"),
			[]Room{{Name: "web", State: Ready, Ready: 9 * time.Millisecond}}},
		{"a room that has done its work", console("bay0: room web: ready in 9 ms", "bay0: room web: it ended with status 0"),
			[]Room{{Name: "web", State: Ended, Reason: "it ended with status 0", Ready: 9 * time.Millisecond}}},
		{"faults", console(
			"web: deny   tcp  connect 80  WRONG: it went through, expected EACCES",
			"web: report: 1 grants used, 2 neighbours denied, 1 wrong",
			"bay0: room web: failed: it ended with status 1",
		), []Room{{
			Name: "web", State: Failed, Reason: "it ended with status 1", Reported: true, Grants: 1, Denials: 2, Wrong: 1,
			Probes: []Probe{{Rule: "tcp", Act: "connect 80", Outcome: "it went through, expected EACCES", Wrong: true}},
			Faults: []string{"deny   tcp  connect 80  WRONG: it went through, expected EACCES"},
		}}},
		{"faults of the last start alone", console(
			"web: deny   a  WRONG: b",
			"web: report: 1 grants used, 2 neighbours denied, 1 wrong",
			"bay0: room web: it ended with status 1; restart 1 in 100ms",
			"web: deny   c  WRONG: d",
			"web: report: 1 grants used, 2 neighbours denied, 1 wrong",
			"bay0: room web: failed: it ended with status 1, after 1 restarts in a row",
		), []Room{{
			Name: "web", State: Failed, Reason: "it ended with status 1, after 1 restarts in a row", Reported: true, Grants: 1, Denials: 2, Wrong: 1,
			Probes: []Probe{{Rule: "c", Outcome: "d", Wrong: true}},
			Faults: []string{"deny   c  WRONG: d"},
		}}},
		{"a room that speaks as Bay0, and of another", console(
			"bay0: room web: failed: x",
			"web: bay0: room web: ready in 1 ms",
			"web: room work: ready in 1 ms",
			"web: room web: ready in 1 ms",
		), []Room{{Name: "web", State: Failed, Reason: "x"}}},
		{"numbers beyond all bounds", console("bay0: room web: failed: x", "web: report: 1 grants used, 99999999999999999999 neighbours denied, 0 wrong"),
			[]Room{{Name: "web", State: Failed, Reason: "x", Reported: true, Grants: 1, Denials: 1<<63 - 1}}},
		{"a report with more to it", console("bay0: room web: failed: x", "web: report: 1 grants used, 2 neighbours denied, 0 wrong, honestly"),
			[]Room{{Name: "web", State: Failed, Reason: "x"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Rooms(test.lines)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	for text, want := range map[string][2]int{
		"bay0: verdict: 3 of 4 rooms ready, 2.10 s after the kernel's start":      {3, 4},
		"web: verdict: 4 of 4 rooms ready, 2.10 s after the kernel's start":       {},
		"web: bay0: verdict: 4 of 4 rooms ready, 2.10 s after the kernel's start": {},
		"bay0: verdict: 4 of 4":                    {},
		"bay0: the verdict: 4 of 4 rooms ready, x": {},
	} {
		ready, rooms, ok := console(text)[0].Verdict()
		if got := [2]int{ready, rooms}; got != want || ok != (want != [2]int{}) {
			t.Errorf("%s: %v, %v", text, got, ok)
		}
	}
}

func TestFindPhases(t *testing.T) {
	verdict := "bay0: verdict: 1 of 1 rooms ready, 0.04 s after the kernel's start"
	got, ok := FindPhases(console("random: crng init done", "bay0: policy", "web: x", verdict))
	want := Phases{Firmware: time.Second, Kernel: 20 * time.Millisecond, Rooms: 20 * time.Millisecond}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Error(ok, diff)
	}
	stub := []Line{{500 * time.Millisecond, "EFI stub: Loaded initrd"}, {600 * time.Millisecond, "EFI stub: Exiting boot services..."}}
	got, ok = FindPhases(append(stub, console("bay0: policy", verdict)...))
	want = Phases{Firmware: 600 * time.Millisecond, Kernel: 410 * time.Millisecond, Rooms: 10 * time.Millisecond}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Error("with the stub's lines:", ok, diff)
	}
	if got, ok := FindPhases(console("bay0: policy", "web: "+verdict)); ok {
		t.Errorf("without a verdict the phases are %v", got)
	}
}
