package main_test

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
)

// launches is how often each of those that are compared starts the program.
const launches = 20

// bwrapPath is the program that rooms are compared with.
const bwrapPath = "/usr/bin/bwrap"

// pause is how long the others have for their turn, in milliseconds.
const pause = 5000

// BenchmarkLaunch compares, in one machine and in turns, how long it takes from the wish
// to run a program to its end: in a room, with all that a passport grants and denies,
// and by others, which do less. bwrap makes namespaces and one bind mount; runc has a
// cgroup with limits besides, but no filter. The program is Debian's /bin/true.
//
// By the clock the emulator is measured too, to which some instructions come dear; a
// clock that counts instructions says the same on every host, whatever else it does.
func BenchmarkLaunch(b *testing.B) {
	u := comparingUnit(b)
	for clock, counted := range map[string]bool{"wall": false, "instructions": true} {
		b.Run(clock, func(b *testing.B) {
			m := u.machine(b)
			m.Counted = counted
			for b.Loop() {
				reportLaunches(b, compareLaunches(b, m))
			}
			b.ReportMetric(0, "ns/op") // that of the whole machine says nothing
		})
	}
}

// TestLaunchTakesLittleMoreThanBwrap holds what the clock that counts instructions says.
func TestLaunchTakesLittleMoreThanBwrap(t *testing.T) {
	t.Parallel()
	m := comparingUnit(t).machine(t)
	m.Counted = true
	took := compareLaunches(t, m)
	room, bwrap := median(took["room"]), median(took[bwrapPath])
	t.Logf("a room takes %v, bwrap %v", room, bwrap)
	if room > bwrap*3/2 {
		t.Errorf("a room takes %v, which is more than 1.5 times what bwrap takes, %v", room, bwrap)
	}
}

// compareLaunches is how long each launch took, by who launched.
func compareLaunches(t testing.TB, m vm.Machine) map[string][]time.Duration {
	t.Helper()
	m.Until = func(line string) bool { return strings.Contains(line, "launch: end") }
	m.Timeout = 10 * time.Minute
	result, err := m.Run(t.Context())
	if _, found := result.First("launch: end"); err != nil || result.Ending != vm.Matched || !found {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	checkTurns(t, result)
	took := parseLaunches(t, lines(result, "launch"))
	took["room"] = roomLaunches(t, result)
	for who, all := range took {
		if len(all) < launches {
			t.Fatalf("%s was seen %d times", who, len(all))
		}
	}
	return took
}

// comparingUnit is a machine with a room whose program ends at once, and the image
// with the others.
func comparingUnit(b testing.TB) unit {
	b.Helper()
	u := witnessUnit(b, []string{"vital"}, func(p *policy.Policy) { p.Watchdog = 60 }).
		another(b, "beside", 10030, func(r *policy.Room) {
			r.Argv = []string{"/bin/true"}
			mute(r)
			r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: pause, DelayMax: pause, Limit: launches - 1}
		})
	image, err := makeFile(b.TempDir(), "beside.squashfs", nil, "../../rooms/build-image", "testdata/launch/beside", "aarch64")
	if err != nil {
		b.Fatal(err)
	}
	u.images["beside"] = image
	u = u.edit(b, func(p *policy.Policy) {
		witnessRoom(b, p, "beside").Image = policy.Image{Size: uint64(len(image)), SHA256: sha256.Sum256(image)}
	})
	u.bay0, err = buildInLauncher("testdata/launch/launcher.go", "go compareLaunches()")
	if err != nil {
		b.Fatal(err)
	}
	return u
}

// checkTurns sees that the others had had their turn whenever the room was started.
func checkTurns(b testing.TB, result vm.Result) {
	b.Helper()
	running := false
	for _, line := range result.Lines {
		switch {
		case strings.Contains(line.Text, "room beside: starting"):
			running = true
		case strings.Contains(line.Text, ": it ended with status 0"):
			running = false
		case running && strings.Contains(line.Text, "launch: "):
			b.Fatalf("this host is too slow, or too busy: the others need more than %d ms for their turn", pause)
		}
	}
}

// parseLaunches are what was measured, in microseconds, by the program that launched.
func parseLaunches(b testing.TB, texts []string) map[string][]time.Duration {
	b.Helper()
	took := map[string][]time.Duration{}
	for _, text := range texts {
		who, rest, _ := strings.Cut(text, " ")
		if who == "end" {
			continue
		}
		n, err := strconv.Atoi(rest)
		if err != nil {
			b.Fatalf("launch: %q", text)
		}
		took[who] = append(took[who], time.Duration(n)*time.Microsecond)
	}
	return took
}

// reportLaunches reports the medians, in milliseconds and beside bwrap's.
func reportLaunches(b *testing.B, took map[string][]time.Duration) {
	b.Helper()
	bwrap := median(took[bwrapPath])
	for _, c := range []struct{ who, name string }{
		{"room", "room"}, {bwrapPath, "bwrap"}, {"/usr/sbin/runc", "runc"}, {"/bin/true", "none"},
	} {
		if len(took[c.who]) < launches {
			b.Fatalf("%s was seen %d times", c.who, len(took[c.who]))
		}
		b.ReportMetric(float64(median(took[c.who]).Microseconds())/1000, c.name+"-ms")
		b.ReportMetric(float64(median(took[c.who]))/float64(bwrap), c.name+"/bwrap")
	}
}

// roomLaunches are the times between what Bay0 says of the room's start and of its
// end.
func roomLaunches(b testing.TB, result vm.Result) (took []time.Duration) {
	b.Helper()
	starts := stamps(b, result, "room beside: starting")
	ends := slices.Concat(stamps(b, result, "room beside: it ended with status 0"), stamps(b, result, "room beside: failed: it ended with status 0"))
	if len(starts) != len(ends) {
		b.Fatalf("the room was started %d times and ended %d times\n%s", len(starts), len(ends), result.Text())
	}
	for i := range starts {
		took = append(took, ends[i]-starts[i])
	}
	return took
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
