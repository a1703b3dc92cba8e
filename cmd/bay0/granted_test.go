package main_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// TestGrantedAndDenied boots one machine for all that does not disturb each
// other: a device, sockets and a volume where they were granted and where they
// were not, and a room that is started again before the machine has settled.
func TestGrantedAndDenied(t *testing.T) {
	t.Parallel()
	u := witnessUnit(t, []string{"consumer", "flaky", "hardware", "provider", "stranger"}, func(p *policy.Policy) {
		p.Rooms = slices.Insert(p.Rooms, 3, outsider(t, p))
	})
	u.images["outsider"] = u.images["stranger"]
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
	t.Run("mounts", func(t *testing.T) { checkMounts(t, p, result) })
	t.Run("nodes", func(t *testing.T) { checkNodes(t, p, result) })
	t.Run("settled", func(t *testing.T) { checkSettled(t, p, result) })
	if t.Failed() {
		t.Log(result.Text())
	}
}

// settled is the line that ends the run, or the one after which it never comes.
var settled = regexp.MustCompile(` bay0: (settled|room [a-z]+: failed): `)

// outsider is a stranger that sees the sockets of consumer and the device of
// hardware, and is in none of their groups. No passport compiles to it.
func outsider(t *testing.T, p *policy.Policy) policy.Room {
	r := *witnessRoom(t, p, "stranger")
	r.Name, r.Hostname, r.UID, r.GID = "outsider", "outsider", 10017, 10017
	r.Argv = slices.Clone(r.Argv)
	r.Argv[slices.Index(r.Argv, "prove stranger")] = "prove outsider"
	r.Binds = slices.Clone(r.Binds)
	for i := range r.Binds {
		if r.Binds[i].Target == abi.NotifyTarget {
			r.Binds[i].Source = abi.NotifySource(r.Name)
		}
	}
	for _, b := range slices.Concat(witnessRoom(t, p, "consumer").Binds, witnessRoom(t, p, "hardware").Binds) {
		if b.Target == "/dev/hwrng" || strings.HasPrefix(b.Target, abi.SocketTarget("")) {
			r.Binds = append(r.Binds, b)
		}
	}
	slices.SortFunc(r.Binds, func(a, b policy.Bind) int { return strings.Compare(a.Target, b.Target) })
	return r
}

// reports are what the rooms have to say of what they tried. The first three are
// the controls of the last two, which try the same.
var reports = map[string][]string{
	"hardware": {
		"grant device rng read /dev/hwrng ok",
		"grant device null open it to write ok",
		"deny device rng open /dev/hwrng to write EACCES as expected",
		"deny device rng open /dev/hwrng to read and write EACCES as expected",
	},
	"provider": {
		"grant volume /data write a file ok",
	},
	"consumer": {
		"grant socket letters send two letters ok",
		"grant socket packets exchange two packets ok",
		"grant socket packets hand a pipe over, and hear through it ok",
		"grant socket packets be handed an open file, and read it ok",
		"grant volume /data read the file of another room ok",
		"grant tmpfs /tmp make a file ok",
		"deny volume /data make a file EROFS as expected",
		"deny volume /data write to a file EROFS as expected",
		"deny volume /data run a file EACCES as expected",
	},
	"stranger": {
		"deny sockets connect to letters of provider ENOENT as expected",
		"deny sockets connect to packets of provider ENOENT as expected",
		"deny devices open /dev/hwrng ENOENT as expected",
		"deny sockets connect to letters where the machine has it ENOENT as expected",
		"deny sockets connect to packets where the machine has it ENOENT as expected",
		"deny sockets connect to letters through /proc ENOENT as expected",
		"deny sockets connect to packets through /proc ENOENT as expected",
		"deny sockets connect to the abstract name letters ECONNREFUSED as expected",
		"deny sockets connect to the abstract name packets ECONNREFUSED as expected",
		"deny sockets take one from descriptor 3 EBADF as expected",
	},
	"outsider": {
		"deny sockets connect to letters of provider EACCES as expected",
		"deny sockets connect to packets of provider EACCES as expected",
		"deny devices open /dev/hwrng EACCES as expected",
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
	verdict, ready := stamps(t, result, "verdict: 6 of 6 rooms ready, "), stamps(t, result, "room flaky: ready in ")
	ended, quiet := stamps(t, result, "room flaky: it ended with "), stamps(t, result, "settled: every room has stayed up for 2s")
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
