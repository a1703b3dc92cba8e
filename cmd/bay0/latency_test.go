package main_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
)

// calmRounds are measured before the trouble is there, troubledRounds with it.
const calmRounds, troubledRounds = 10, 20

// troubles are what one room does while another waits for an answer of a third, and the
// words by which it is seen that it does.
var troubles = map[string]struct{ act, evidence string }{
	"none":       {"stay", "bay0: room wild: ready"},
	"processor":  {"burn", "wild: it has burnt"},
	"fork-bomb":  {"bomb", "wild: they are too many"},
	"memory-hog": {"eat", "wild: it has eaten 8 MiB"},
	"full-tmpfs": {"fill /tmp/all", "wild: it is full"},
	"log-flood":  {"flood", " lines were lost here"},
}

// A room waits for another's answer no more than twice as long while a third makes
// trouble. The clock of the machine counts instructions, so this says the same on any
// host, whatever else that does.
func TestTroubleKeepsNobodyWaiting(t *testing.T) {
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calm, troubled := measureTrouble(t, trouble.act, trouble.evidence, true)
			t.Logf("%v before, %v beside it", calm, troubled)
			if troubled > 2*calm {
				t.Errorf("an answer takes %v, and %v beside it", calm, troubled)
			}
		})
	}
}

// BenchmarkTrouble measures the same by the host's clock.
func BenchmarkTrouble(b *testing.B) {
	for name, trouble := range troubles {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				calm, troubled := measureTrouble(b, trouble.act, trouble.evidence, false)
				b.ReportMetric(float64(calm.Microseconds()), "calm-us")
				b.ReportMetric(float64(troubled.Microseconds()), "troubled-us")
				b.ReportMetric(float64(troubled)/float64(calm), "ratio")
			}
			b.ReportMetric(0, "ns/op") // that of the whole machine says nothing
		})
	}
}

func measureTrouble(t testing.TB, act, evidence string, counted bool) (calm, troubled time.Duration) {
	t.Helper()
	u := witnessUnit(t, []string{"consumer", "provider", "vital"}, func(p *policy.Policy) {
		consumer, provider := witnessRoom(t, p, "consumer"), witnessRoom(t, p, "provider")
		consumer.Argv = []string{consumer.Argv[0], "rounds " + strconv.Itoa(calmRounds), "ready", "rounds 0"}
		provider.Argv = []string{provider.Argv[0], "ready", "serve"}
		witnessRoom(t, p, "vital").Argv = []string{consumer.Argv[0], "ready", "stay"}
	}).another(t, "wild", 10021, func(r *policy.Room) {
		r.After = []string{"consumer"}
		r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 1, DelayMax: 1, Limit: policy.MaxRestartLimit}
	}, "ready", act)
	m := u.machine(t)
	m.Disk = filepath.Join(t.TempDir(), "disk")
	if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{{Label: "files", Size: vm.SmallestPartition, Owner: 10014}}); err != nil {
		t.Fatal(err)
	}
	m.Counted = counted
	seen, wild, after := false, false, 0
	m.Until = func(line string) bool {
		seen = seen || strings.Contains(line, evidence)
		wild = wild || strings.Contains(line, "room wild: ready")
		if wild && seen && strings.Contains(line, "consumer: round: ") {
			after++
		}
		return after == troubledRounds || strings.Contains(line, "room consumer: failed")
	}
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched || after < troubledRounds {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	all := roundTimes(t, result)
	// The first round of each kind still sees rooms being started.
	return median(all[1:calmRounds]), median(slices.Clone(all[len(all)-troubledRounds+1:]))
}

func roundTimes(t testing.TB, result vm.Result) (all []time.Duration) {
	t.Helper()
	for _, text := range lines(result, "consumer") {
		words := strings.Fields(text)
		if words[0] != "round:" {
			continue
		}
		n, err := strconv.Atoi(words[1])
		if err != nil {
			t.Fatalf("%q", text)
		}
		all = append(all, time.Duration(n)*time.Microsecond)
	}
	return all
}
