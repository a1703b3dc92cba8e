package main_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// TestGrantedAndDenied boots rooms that use what they were granted together: sockets
// and a volume, and beside them one that is started again before the machine has
// settled. What each may do alone, TestTwins shows.
func TestGrantedAndDenied(t *testing.T) {
	t.Parallel()
	u := witnessUnit(t, []string{"consumer", "flaky", "provider"}, func(*policy.Policy) {})
	m := u.machine(t)
	m.Disk = filepath.Join(t.TempDir(), "disk")
	// The volume files has two rooms, and belongs to the one that writes.
	if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{
		{Label: "files", Size: vm.SmallestPartition, Owner: 10014},
		{Label: "runs", Size: vm.SmallestPartition, Owner: 10012},
	}); err != nil {
		t.Fatal(err)
	}
	m.Until = func(line string) bool { return settled.MatchString(line) }
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}

	v, err := blob.Decode(u.passports)
	if err != nil {
		t.Fatal(err)
	}
	p := encode.Policy(v)
	t.Run("reports", func(t *testing.T) { checkReports(t, result) })
	t.Run("provider hears its client alone", func(t *testing.T) { checkHeard(t, result) })
	t.Run("settled", func(t *testing.T) { checkSettled(t, p, result) })
	if t.Failed() {
		t.Log(result.Text())
	}
}

// settled is the line that ends the run, or the one after which it never comes.
var settled = regexp.MustCompile(` bay0: (settled|room [a-z]+: failed): `)

// reports are what the rooms have to say of what they tried.
var reports = map[string][]string{
	"provider": {
		"grant volume /data write a file ok",
	},
	"consumer": {
		"grant socket letters send two letters ok",
		"grant socket packets exchange two packets ok",
		"grant socket packets hand a pipe over, and hear through it ok",
		"grant socket packets be handed an open file, and read it ok",
		"grant volume /data read the file of another room ok",
		"deny volume /data write to a file EROFS as expected",
		"deny volume /data run a file EACCES as expected",
	},
}

func checkReports(t *testing.T, result vm.Result) {
	got := map[string][]string{}
	for room := range reports {
		for _, text := range lines(result, room) {
			if strings.HasPrefix(text, "grant ") || strings.HasPrefix(text, "deny ") {
				// Columns are for those who read the log.
				got[room] = append(got[room], strings.Join(strings.Fields(text), " "))
			}
		}
	}
	if diff := cmp.Diff(reports, got); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
}

// checkHeard wants what went through the sockets to have arrived, once, uncut and
// from the room that may send it.
func checkHeard(t *testing.T, result vm.Result) {
	var got []string
	for _, text := range lines(result, "provider") {
		if strings.HasPrefix(text, "letter: ") || strings.HasPrefix(text, "packets: ") {
			got = append(got, text)
		}
	}
	slices.Sort(got)
	want := []string{`letter: "and another"`, `letter: "one"`, "packets: from uid 10011 <nil>", "packets: from uid 10011 <nil>", "packets: from uid 10011 <nil>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// checkSettled wants the line once, counted from when the last room was ready for
// good: the room that was started again in between put it off. It takes longer to
// be ready again than the machine to settle, so that no other moment would do.
func checkSettled(t *testing.T, p policy.Policy, result vm.Result) {
	want := []string{"ready", "it ended with status 0; restart 1 in 100ms", "ready"}
	if diff := cmp.Diff(want, life(result, "flaky")); diff != "" {
		t.Errorf("flaky (-want +got):\n%s", diff)
	}
	verdict, ready := stamps(t, result, "verdict: 3 of 3 rooms ready, "), stamps(t, result, "room flaky: ready in ")
	ended, quiet := stamps(t, result, "room flaky: it ended with "), stamps(t, result, "settled: what has to stay up has, for 2s")
	if len(verdict) != 1 || len(ready) != 2 || len(ended) != 1 || len(quiet) != 1 {
		t.Fatalf("verdict at %v, flaky ready at %v, ended at %v, settled at %v", verdict, ready, ended, quiet)
	}
	if ended[0] < verdict[0] {
		t.Errorf("flaky ended at %v, before the verdict at %v", ended[0], verdict[0])
	}
	if limit := time.Duration(p.Settle) * time.Millisecond; quiet[0]-ready[1] < limit {
		t.Errorf("settled at %v, less than %v after flaky was ready again at %v", quiet[0], limit, ready[1])
	}
}
