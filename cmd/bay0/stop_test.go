package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// another adds a room like the first, which is not critical and does what acts say.
func (u unit) another(t testing.TB, name string, uid uint32, change func(*policy.Room), acts ...string) unit {
	t.Helper()
	first := ""
	u = u.edit(t, func(p *policy.Policy) {
		r := p.Rooms[len(p.Rooms)-1]
		first = r.Name
		r.Binds = slices.Clone(r.Binds)
		for i := range r.Binds {
			r.Binds[i].Source = strings.Replace(r.Binds[i].Source, abi.RunDir+"/"+r.Name+"/", abi.RunDir+"/"+name+"/", 1)
		}
		r.Mounts = slices.Clone(r.Mounts)
		for i := range r.Mounts {
			r.Mounts[i].Options = ownedBy(r.Mounts[i].Options, uid)
		}
		r.Name, r.Hostname, r.UID, r.GID, r.Critical, r.After = name, name, uid, uid, false, nil
		r.Argv = append([]string{r.Argv[0]}, acts...)
		change(&r)
		p.Rooms = append(p.Rooms, r)
		slices.SortFunc(p.Rooms, func(a, b policy.Room) int { return strings.Compare(a.Name, b.Name) })
	})
	u.images[name] = u.images[first]
	return u
}

// ownedBy are the options of a tmpfs that belongs to another user.
func ownedBy(options []policy.Option, uid uint32) []policy.Option {
	options = slices.Clone(options)
	for i, o := range options {
		if o.Key == "uid" || o.Key == "gid" {
			options[i].Value = strconv.Itoa(int(uid))
		}
	}
	return options
}

// A room that promised signs of life is stopped when it gives none for too long.
// The control is one that goes on.
func TestRoomThatFallsSilentIsStopped(t *testing.T) {
	t.Parallel()
	watched := func(r *policy.Room) { r.Watchdog = 2000 }
	m := witnessUnit(t, []string{"vital"}, func(*policy.Policy) {}).
		another(t, "silent", 10021, watched, "ready", "alive 10", "tick").
		another(t, "lively", 10022, watched, "ready", "alive 1000000").
		machine(t)
	m.Until, m.Counted = ticksAfter("bay0: room silent: failed: ", 12), true // 3 s
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	for room, want := range map[string][]string{
		"silent": {"ready", "failed: it has not said WATCHDOG=1 for 2s"},
		"lively": {"ready"},
	} {
		if diff := cmp.Diff(want, life(result, room)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", room, diff, result.Text())
		}
	}
}

// A machine that is asked to end asks its rooms to, each after those that came
// after it; one that does not within its time is killed.
func TestRoomsAreStoppedInOrder(t *testing.T) {
	t.Parallel()
	for asked, c := range map[string]struct {
		ending vm.Ending
		fault  string
		press  func(line string) bool
	}{
		"reset":     {ending: vm.Reset, fault: "keyboard"},
		"power-off": {ending: vm.PowerOff, fault: "none", press: func(line string) bool { return strings.Contains(line, "bay0: verdict: ") }},
	} {
		t.Run(asked, func(t *testing.T) {
			t.Parallel()
			m := faultyUnit(t, c.fault).
				another(t, "stays", 10021, func(r *policy.Room) { r.After = []string{"vital"} }, "ready", "stay").
				another(t, "lingers", 10022, func(r *policy.Room) { r.StopTimeout = 500 }, "ready", "linger").
				edit(t, func(p *policy.Policy) { p.Rooms[0].Hostname = "fault-" + c.fault }).
				machine(t)
			m.Until, m.Press = nil, c.press
			result, err := m.Run(t.Context())
			if err != nil || result.Ending != c.ending {
				t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
			}
			wasStoppedInOrder(t, result, asked)
		})
	}
}

// wasStoppedInOrder judges what a machine with the rooms vital, stays after it and
// lingers said at its end.
func wasStoppedInOrder(t *testing.T, result vm.Result, asked string) {
	t.Helper()
	var told []string
	for _, text := range lines(result, "bay0") {
		if strings.Contains(text, "stopped") || strings.HasPrefix(text, "ended") {
			told = append(told, text)
		}
	}
	const lingers = "room lingers: stopped: it was killed by SIGKILL"
	want := []string{
		"room stays: stopped: it ended with status 0",
		"room vital: stopped: it ended with status 2", // Go's, on SIGTERM
		"ended: a " + asked + " was asked for; " + asked,
	}
	rest := slices.DeleteFunc(slices.Clone(told), func(s string) bool { return s == lingers })
	if diff := cmp.Diff(want, rest); diff != "" || !slices.Contains(told, lingers) {
		t.Errorf("(-want +got):\n%s\n%s", diff, result.Text())
	}
	if first(result, "lingers", "it was sent terminated") == "" {
		t.Errorf("lingers was not asked\n%s", result.Text())
	}
}

// What a room has written is on its volume even if the machine ends of a sudden: Bay0
// waits for the room's end, with which the volume is let go, and has the kernel write what
// is held by any that does not end (sync(2)). Here each of the two would do.
func TestWhatWasWrittenIsKept(t *testing.T) {
	t.Parallel()
	m := witnessUnit(t, []string{"flaky", "vital"}, func(p *policy.Policy) {
		flaky, vital := witnessRoom(t, p, "flaky"), witnessRoom(t, p, "vital")
		flaky.After, flaky.Argv = nil, []string{flaky.Argv[0], "keep /data/kept", "ready", "stay"}
		vital.After, vital.Argv = []string{"flaky"}, []string{vital.Argv[0], "ready", "wait 500ms", "exit 0"}
	}).machine(t)
	withRuns(t, &m)
	m.Until, m.Counted = nil, true
	result, err := m.Run(t.Context())
	const want = "refused: critical room vital failed: it ended with status 0; reset"
	if err != nil || result.Ending != vm.Reset || first(result, "bay0", "refused") != want {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	if names := namesOn(t, m.Disk); !slices.Contains(names, "kept") {
		t.Errorf("the volume holds %q\n%s", names, result.Text())
	}
}

// namesOn lists the top directory of a disk's one volume, as whoever mounts it next
// finds it.
func namesOn(t *testing.T, disk string) []string {
	t.Helper()
	const begin = 1 << 20
	bytes, err := os.ReadFile(disk)
	if err != nil {
		t.Fatal(err)
	}
	volume := filepath.Join(t.TempDir(), "volume")
	if err := os.WriteFile(volume, bytes[begin:begin+vm.SmallestPartition], 0o600); err != nil {
		t.Fatal(err)
	}
	// What was committed to the journal counts; 1 is that there was something to do.
	var status *exec.ExitError
	if said, err := exec.Command("e2fsck", "-p", volume).CombinedOutput(); err != nil && !(errors.As(err, &status) && status.ExitCode() == 1) {
		t.Fatalf("e2fsck: %v\n%s", err, said)
	}
	said, err := exec.Command("debugfs", "-R", "ls -p /", volume).Output()
	if err != nil {
		t.Fatalf("debugfs: %v\n%s", err, said)
	}
	var names []string
	for line := range strings.Lines(string(said)) { // /inode/mode/uid/gid/name/size/
		if fields := strings.Split(line, "/"); len(fields) > 5 {
			names = append(names, fields[5])
		}
	}
	return names
}
