package main_test

import (
	"os"
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

// TestTroubleStaysWithItsRoom boots one machine in which most rooms have trouble of
// some kind, or make it: none of it is the others'.
func TestTroubleStaysWithItsRoom(t *testing.T) {
	t.Parallel()
	u := troubledUnit(t)
	m := u.machine(t)
	m.Disk = filepath.Join(t.TempDir(), "disk")
	if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{
		{Label: "files", Size: vm.SmallestPartition, Owner: 10014},
		{Label: "runs", Size: vm.SmallestPartition, Owner: 10012},
	}); err != nil {
		t.Fatal(err)
	}
	damage(t, m.Disk, 1<<20+vm.SmallestPartition)
	m.Until = ticksAfter("state: end", 12)
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	t.Run("lives", func(t *testing.T) { checkLives(t, result) })
	t.Run("sockets outlive their room", func(t *testing.T) { checkSurvivor(t, result) })
	t.Run("a flood drowns nobody", func(t *testing.T) { checkFlood(t, result) })
	t.Run("processor time has a limit", func(t *testing.T) { checkThrottled(t, result) })
	if t.Failed() {
		t.Log(result.Text())
	}
}

func troubledUnit(t *testing.T) unit {
	t.Helper()
	var volume policy.Mount
	var rights policy.PathRule
	nothing := func(*policy.Room) {}
	u := witnessUnit(t, []string{"consumer", "flaky", "provider", "vital"}, func(p *policy.Policy) {
		consumer, flaky, provider := witnessRoom(t, p, "consumer"), witnessRoom(t, p, "flaky"), witnessRoom(t, p, "provider")
		consumer.Argv = []string{consumer.Argv[0], "prove survivor", "ready", "stay"}
		provider.Restart = abi.Restart{Mode: abi.RestartOnFailure, Delay: 100, DelayMax: 1000, Limit: 5}
		flaky.After, flaky.Restart.Limit = nil, 1
		volume = flaky.Mounts[slices.IndexFunc(flaky.Mounts, func(m policy.Mount) bool { return m.Partition != "" })]
		rights = flaky.Landlock.Paths[slices.IndexFunc(flaky.Landlock.Paths, func(r policy.PathRule) bool { return r.Path == "/data" })]
	}).
		another(t, "busy", 10021, func(r *policy.Room) {
			r.Cgroup = append([]policy.Setting{{File: "cpu.max", Value: "20000 100000"}}, r.Cgroup...)
		}, "ready", "burn").
		another(t, "flood", 10022, nothing, "ready", "flood").
		another(t, "lacking", 10023, func(r *policy.Room) {
			volume.Partition = "nowhere"
			r.Mounts = append([]policy.Mount{volume}, r.Mounts...)
			i, _ := slices.BinarySearchFunc(r.Landlock.Paths, rights, func(a, b policy.PathRule) int { return strings.Compare(a.Path, b.Path) })
			r.Landlock.Paths = slices.Insert(slices.Clone(r.Landlock.Paths), i, rights)
		}, "ready", "stay")
	var err error
	if u.bay0, err = reportingBay0(); err != nil {
		t.Fatal(err)
	}
	return u
}

// damage changes a byte of the file system that begins there: a name in its
// superblock, which no longer agrees with its checksum.
func damage(t *testing.T, disk string, offset int64) {
	t.Helper()
	f, err := os.OpenFile(disk, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const superblock, volumeName = 1024, 0x78 // kernel: Documentation/filesystems/ext4/super.rst
	if _, err := f.WriteAt([]byte("x"), offset+superblock+volumeName); err != nil {
		t.Fatal(err)
	}
}

// checkLives wants the rooms whose volumes cannot be used to have failed, and no
// others.
func checkLives(t *testing.T, result vm.Result) {
	const damaged = "cannot mount ext4 on /data: bad message"
	for room, want := range map[string][]string{
		"flaky":    {damaged + "; restart 1 in 100ms", "failed: " + damaged + ", after 1 restarts in a row"},
		"lacking":  {"failed: cannot mount ext4 on /data: no partition is named nowhere"},
		"provider": {"ready", "it ended with status 3; restart 1 in 100ms", "ready"},
		"consumer": {"ready"}, "vital": {"ready"}, "busy": {"ready"}, "flood": {"ready"},
	} {
		if diff := cmp.Diff(want, life(result, room)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", room, diff)
		}
	}
	if first(result, "bay0", "verdict: 5 of 7 rooms ready, ") == "" {
		t.Error("no verdict of 5")
	}
}

// checkSurvivor wants the client of a room that ended to have got through to its
// next start, by the same sockets.
func checkSurvivor(t *testing.T, result vm.Result) {
	var got []string
	for _, text := range lines(result, "consumer") {
		got = append(got, strings.Join(strings.Fields(text), " "))
	}
	want := []string{
		"grant socket packets end the room at its other end ok",
		"grant socket letters send a letter meanwhile ok",
		"grant socket packets exchange two packets ok",
		"report: 3 grants used, 0 neighbours denied, 0 wrong",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("consumer (-want +got):\n%s", diff)
	}
	if first(result, "provider", `letter: "meanwhile"`) == "" {
		t.Error("the letter was not heard")
	}
}

// checkFlood wants no tick of vital to be missing, and no more lines of the flood
// between two of them than a room may have: 50 in the time of four ticks, and four
// times as many where ticks are late.
func checkFlood(t *testing.T, result vm.Result) {
	ticks, lost, between := 0, 0, 0
	for _, line := range result.Lines {
		source, text, _ := line.Message()
		switch {
		case source == "vital" && strings.HasPrefix(text, "tick "):
			if ticks++; text != "tick "+strconv.Itoa(ticks) {
				t.Fatalf("%q is the %dth tick", text, ticks)
			}
			if lost > 0 {
				between++
			}
		case source == "flood" && strings.Contains(text, " lines were lost here"):
			lost++
		}
	}
	if lost == 0 {
		t.Error("it was no flood: no line was lost")
	}
	if most := 50 * between; lost > most {
		t.Errorf("%d times lines of the flood were let through again, in %d ticks", lost, between)
	}
}

// checkThrottled asks the kernel how often it has held a room back. The control is
// one that may have all of the processor.
func checkThrottled(t *testing.T, result vm.Result) {
	all := states(result)
	busy, calm := one(all["busy"]["throttled"]), one(all["vital"]["throttled"])
	if n, err := strconv.Atoi(busy); err != nil || n == 0 || calm != "0" {
		t.Errorf("busy was throttled %q times, vital %q", busy, calm)
	}
}
