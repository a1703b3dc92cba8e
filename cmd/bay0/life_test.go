package main_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// A room that keeps failing is started again, after longer and longer, and then
// no more.
func TestRestartsBackOffAndEnd(t *testing.T) {
	t.Parallel()
	result := oneRoom(t).edit(t, func(p *policy.Policy) {
		r := &p.Rooms[0]
		r.Critical = false
		r.Argv[0] = "/bin/none"
		r.Restart = abi.Restart{Mode: abi.RestartOnFailure, Delay: 10, DelayMax: 30, Limit: 4}
	}).boot(t)
	const reason = "cannot execute the program: no such file or directory"
	want := []string{
		"room web: starting",
		"room web: " + reason + "; restart 1 in 10ms",
		"room web: starting",
		"room web: " + reason + "; restart 2 in 20ms",
		"room web: starting",
		"room web: " + reason + "; restart 3 in 30ms",
		"room web: starting",
		"room web: " + reason + "; restart 4 in 30ms",
		"room web: starting",
		"room web: failed: " + reason + ", after 4 restarts in a row",
	}
	var got []string
	for _, text := range lines(result, "bay0") {
		if strings.HasPrefix(text, "room ") {
			got = append(got, text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, result.Text())
	}
}

// twoRooms adds a room "after", which waits for web and cannot be built itself.
func twoRooms(t *testing.T, change func(web *policy.Room)) unit {
	t.Helper()
	u := oneRoom(t).edit(t, func(p *policy.Policy) {
		after := p.Rooms[0]
		after.Name, after.UID, after.GID, after.Critical = "after", 19999, 19999, false
		after.Argv = []string{"/bin/none"}
		after.After = []string{"web"}
		readyAtOnce(&after)
		p.Rooms[0].Critical = false
		change(&p.Rooms[0])
		p.Rooms = []policy.Room{after, p.Rooms[0]}
	})
	u.images["after"] = u.images["web"]
	return u
}

// readyAtOnce makes a room one that is ready when its program was started.
func readyAtOnce(r *policy.Room) {
	r.Notify = false
	r.Binds = slices.DeleteFunc(slices.Clone(r.Binds), func(b policy.Bind) bool { return b.Kind == policy.KindSocket })
}

// A room is not started before the one that it waits for is ready.
func TestRoomWaitsForAnother(t *testing.T) {
	t.Parallel()
	result := twoRooms(t, readyAtOnce).boot(t)
	told := lines(result, "bay0")
	ready := slices.IndexFunc(told, func(s string) bool { return strings.HasPrefix(s, "room web: ready in ") })
	tried := slices.Index(told, "room after: failed: cannot execute the program: no such file or directory")
	if ready < 0 || tried < ready {
		t.Errorf("web is ready in line %d, after was tried in line %d:\n%s", ready, tried, result.Text())
	}
}

func TestRoomThatWaitsForAFailedOneFails(t *testing.T) {
	t.Parallel()
	result := twoRooms(t, func(web *policy.Room) { web.Argv[0] = "/bin/nowhere" }).boot(t)
	for _, want := range []string{
		"room web: failed: cannot execute the program: no such file or directory",
		"room after: failed: it waits for room web, which failed",
		"verdict: 0 of 2 rooms ready, ",
	} {
		if first(result, "bay0", want) == "" {
			t.Errorf("no line %q in\n%s", want, result.Text())
		}
	}
}

// volumeAtTmp gives web a volume where it has a tmpfs.
func volumeAtTmp(t *testing.T, attributes uint64) unit {
	t.Helper()
	return oneRoom(t).edit(t, func(p *policy.Policy) {
		r := &p.Rooms[0]
		r.Critical = false
		for i := range r.Mounts {
			if m := &r.Mounts[i]; m.Target == "/tmp" {
				m.Type, m.Partition, m.Options = "ext4", "data", nil
				m.Attributes |= attributes
			}
		}
	})
}

// A stage that dies without a word was never ready, even in a room that is ready
// when its program was started. This filter kills it at execve(2).
func TestStageThatDiesIsNeverReady(t *testing.T) {
	t.Parallel()
	result := oneRoom(t).edit(t, func(p *policy.Policy) {
		r := &p.Rooms[0]
		r.Critical = false
		readyAtOnce(r)
		r.Filter = []abi.Instruction{{Op: 6, K: 0x80000000}} // BPF_RET, SECCOMP_RET_KILL_PROCESS
	}).boot(t)
	if got, want := first(result, "bay0", "room web: failed"), "room web: failed: it was killed by SIGSYS"; got != want {
		t.Errorf("got %q, want %q\n%s", got, want, result.Text())
	}
	if first(result, "bay0", "verdict: 0 of 1") == "" {
		t.Errorf("no verdict of none in\n%s", result.Text())
	}
}

// The smallest processor quota that a passport can have makes a stage slow, and
// the start timeout ends it: Bay0 does not wait for a stage.
func TestSlowStageIsEndedByTheStartTimeout(t *testing.T) {
	t.Parallel()
	result := oneRoom(t).edit(t, func(p *policy.Policy) {
		r := &p.Rooms[0]
		r.Cgroup[0] = policy.Setting{File: "cpu.max", Value: "1000 100000"}
		r.StartTimeout = 1000
	}).boot(t)
	const want = "refused: critical room web failed: it was not ready within 1s; reset"
	if got := first(result, "bay0", "refused"); got != want || result.Ending != vm.Reset {
		t.Errorf("got %q and %v\n%s", got, result.Ending, result.Text())
	}
}

// A volume is read-only if the policy says so. The control is one that is not.
func TestVolumeIsReadOnlyIfThePolicySaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		attributes uint64
		want       string
	}{
		"read-only": {abi.MountReadOnly, "WRONG: EROFS"},
		"writable":  {0, "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := volumeAtTmp(t, c.attributes).machine(t)
			m.Disk = filepath.Join(t.TempDir(), "disk")
			partition := vm.Partition{Label: "data", Size: vm.SmallestPartition, Owner: 10001}
			if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{partition}); err != nil {
				t.Fatal(err)
			}
			result, err := m.Run(t.Context())
			if err != nil {
				t.Fatalf("%v\n%s", err, result.Text())
			}
			wrote := first(result, "web", "grant  tmpfs /tmp")
			if !strings.Contains(wrote, "write") || !strings.HasSuffix(wrote, c.want) {
				t.Errorf("web says %q, want it to end in %q\n%s", wrote, c.want, result.Text())
			}
		})
	}
}

// A volume that is missing, or of which there are two, fails its room alone: Bay0
// makes none and chooses none.
func TestVolumeFailsItsRoomAlone(t *testing.T) {
	for name, c := range map[string]struct {
		partitions []vm.Partition
		want       string
	}{
		"missing": {
			[]vm.Partition{{Label: "other", Size: vm.SmallestPartition, Owner: 10001}},
			"room web: failed: cannot mount ext4 on /tmp: no partition is named data",
		},
		"twice": {
			[]vm.Partition{{Label: "data", Size: vm.SmallestPartition, Owner: 10001}, {Label: "twin", Size: vm.SmallestPartition, Owner: 10001}},
			"room web: failed: cannot mount ext4 on /tmp: two partitions are named data: vdb1 and vdb2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := volumeAtTmp(t, 0).machine(t)
			m.Disk = filepath.Join(t.TempDir(), "disk")
			if err := vm.MakeDisk(t.Context(), m.Disk, c.partitions); err != nil {
				t.Fatal(err)
			}
			if name == "twice" {
				relabel(t, m.Disk, "2", "data")
			}
			result, err := m.Run(t.Context())
			if err != nil {
				t.Fatalf("%v\n%s", err, result.Text())
			}
			if got := first(result, "bay0", "room web: failed"); got != c.want {
				t.Errorf("got  %q\nwant %q\n%s", got, c.want, result.Text())
			}
			if first(result, "bay0", "verdict: 0 of 1") == "" {
				t.Errorf("no verdict in\n%s", result.Text())
			}
		})
	}
}
