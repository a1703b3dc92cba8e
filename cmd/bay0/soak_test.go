package main_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
)

// manyRestarts is how many restarts a soak takes, if ANCHOR_SOAK does not say.
const manyRestarts = 500

// TestManyRestartsLeaveNothing has rooms end and start again all the time, and holds
// Bay0 to being no bigger at the end than soon after the start, and never as big as it
// may not be. ANCHOR_SOAK=10000 makes it a long one.
func TestManyRestartsLeaveNothing(t *testing.T) {
	t.Parallel()
	wanted := manyRestarts
	if s := os.Getenv("ANCHOR_SOAK"); s != "" {
		var err error
		if wanted, err = strconv.Atoi(s); err != nil || wanted < manyRestarts {
			t.Fatalf("ANCHOR_SOAK is %q, want a number from %d", s, manyRestarts)
		}
	}
	m := soakingUnit(t).machine(t)
	m.Counted = true // so it can be halted, and share its host with anything
	m.Timeout = 2*time.Minute + time.Duration(wanted)*time.Second
	restarts := 0
	m.Until = func(line string) bool {
		if strings.Contains(line, ": it ended with status 0; restart ") {
			restarts++
		}
		return restarts == wanted || strings.Contains(line, "bay0: room again-0: cannot ") || strings.Contains(line, ": failed: ")
	}
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched || restarts < wanted {
		t.Fatalf("the machine ended by %v after %d of %d restarts: %v\n%s", result.Ending, restarts, wanted, err, result.Text())
	}
	sizes := readSizes(t, result)
	t.Logf("%d restarts in %v", restarts, result.After.Round(time.Second))
	for _, who := range []string{"governor rss", "governor threads", "governor descriptors", "launcher rss", "launcher threads", "launcher descriptors", "machine mounts", "machine cgroups"} {
		checkGrowth(t, who, sizes[who])
	}
}

// soakingUnit is a machine with rooms that end as soon as they run, beside one that
// stays. Every other has said that it is ready by then.
func soakingUnit(t *testing.T) unit {
	t.Helper()
	again := func(r *policy.Room) {
		r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 1, DelayMax: 1, Limit: policy.MaxRestartLimit}
	}
	u := witnessUnit(t, []string{"vital"}, func(p *policy.Policy) { p.Watchdog = 20 })
	for i := range 4 {
		name, uid := fmt.Sprintf("again-%d", i), uint32(10021+i)
		if i%2 == 0 {
			u = u.another(t, name, uid, again, "ready", "exit 0")
		} else {
			u = u.another(t, name, uid, func(r *policy.Room) { again(r); mute(r) }, "exit 0")
		}
	}
	var err error
	u.bay0, err = buildInLauncher("testdata/soak/launcher.go", "go reportSizes()")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// readSizes gives the numbers in the order in which they were reported, by who and
// what they are of.
func readSizes(t *testing.T, result vm.Result) map[string][]int {
	t.Helper()
	all := map[string][]int{}
	for _, text := range lines(result, "size") {
		who, rest, _ := strings.Cut(text, " ")
		for _, pair := range strings.Fields(rest) {
			what, value, _ := strings.Cut(pair, "=")
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatalf("size: %q", text)
			}
			all[who+" "+what] = append(all[who+" "+what], n)
		}
	}
	return all
}

// largest is what none of the numbers may ever be beyond; room is what the largest of
// the last quarter may be beyond that of the second.
var largest, leeway = map[string]int{
	"governor rss": 8 << 10, "launcher rss": 8 << 10, // KiB
	"governor threads": 16, "launcher threads": 24,
	"governor descriptors": 64, "launcher descriptors": 64,
	"machine mounts": 64, "machine cgroups": 8,
}, map[string]int{
	"governor rss": 512, "launcher rss": 512,
	"governor threads": 2, "launcher threads": 2,
	"governor descriptors": 8, "launcher descriptors": 8,
}

func checkGrowth(t *testing.T, what string, sizes []int) {
	if len(sizes) < 8 {
		t.Errorf("%s was reported %d times", what, len(sizes))
		return
	}
	quarter := len(sizes) / 4
	early, late := slices.Max(sizes[quarter:2*quarter]), slices.Max(sizes[3*quarter:])
	t.Logf("%-20s %6d early, %6d late, %6d at most", what, early, late, slices.Max(sizes))
	if late > early+leeway[what] {
		t.Errorf("%s grew from %d to %d", what, early, late)
	}
	if most := slices.Max(sizes); most > largest[what] {
		t.Errorf("%s was %d, want at most %d", what, most, largest[what])
	}
}
