package main_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/release/vm"
)

// calmRounds are measured before the trouble is there, troubledRounds with it.
const calmRounds, troubledRounds = 10, 20

// BenchmarkTrouble measures how long one room waits for another's answer while a third
// makes trouble, beside how long it waited before.
func BenchmarkTrouble(b *testing.B) {
	for name, acts := range map[string][]string{
		"none":       {"stay"},
		"processor":  {"burn"},
		"fork-bomb":  {"bomb"},
		"memory-hog": {"eat"},
		"full-tmpfs": {"fill /tmp/all"},
		"log-flood":  {"flood"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				calm, troubled := measureTrouble(b, acts)
				b.ReportMetric(float64(calm.Microseconds()), "calm-us")
				b.ReportMetric(float64(troubled.Microseconds()), "troubled-us")
				b.ReportMetric(float64(troubled)/float64(calm), "ratio")
			}
			b.ReportMetric(0, "ns/op") // that of the whole machine says nothing
		})
	}
}

func measureTrouble(b *testing.B, acts []string) (calm, troubled time.Duration) {
	b.Helper()
	u := witnessUnit(b, []string{"consumer", "provider", "vital"}, func(p *policy.Policy) {
		consumer, provider := witnessRoom(b, p, "consumer"), witnessRoom(b, p, "provider")
		consumer.Argv = []string{consumer.Argv[0], "rounds " + strconv.Itoa(calmRounds), "ready", "rounds 0"}
		provider.Argv = []string{provider.Argv[0], "ready", "serve"}
		witnessRoom(b, p, "vital").Argv = []string{consumer.Argv[0], "ready", "stay"}
	}).another(b, "wild", 10021, func(r *policy.Room) { r.After = []string{"consumer"} }, append([]string{"ready"}, acts...)...)
	m := u.machine(b)
	m.Disk = filepath.Join(b.TempDir(), "disk")
	if err := vm.MakeDisk(b.Context(), m.Disk, []vm.Partition{{Label: "files", Size: vm.SmallestPartition, Owner: 10014}}); err != nil {
		b.Fatal(err)
	}
	wild, after := false, 0
	m.Until = func(line string) bool {
		wild = wild || strings.Contains(line, "room wild: ready")
		if wild && strings.Contains(line, "consumer: round: ") {
			after++
		}
		return after == troubledRounds || strings.Contains(line, "room consumer: failed")
	}
	result, err := m.Run(b.Context())
	if err != nil || result.Ending != vm.Matched || after < troubledRounds {
		b.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	all := roundTimes(b, result)
	// The first round of each kind still sees rooms being started.
	return median(all[1:calmRounds]), median(slices.Clone(all[len(all)-troubledRounds+1:]))
}

func roundTimes(b *testing.B, result vm.Result) (all []time.Duration) {
	b.Helper()
	for _, text := range lines(result, "consumer") {
		words := strings.Fields(text)
		if words[0] != "round:" {
			continue
		}
		n, err := strconv.Atoi(words[1])
		if err != nil {
			b.Fatalf("%q", text)
		}
		all = append(all, time.Duration(n)*time.Microsecond)
	}
	return all
}
