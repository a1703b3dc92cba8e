package main_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/probes"
	"github.com/anchor-os/anchor/release/vm"
)

// TestTwins boots rooms that together have every kind of grant, and holds to what
// their policy promises what they could do and could not, and what the kernel says
// of them. The table is the report.
func TestTwins(t *testing.T) {
	t.Parallel()
	p, err := twinsPolicy()
	if err != nil {
		t.Fatal(err)
	}
	p.Rooms = slices.Insert(slices.Clone(p.Rooms), 3, trespasser(t, p))
	u, rooms, err := twin(p)
	if err != nil {
		t.Fatal(err)
	}
	if u.bay0, err = reportingBay0(); err != nil {
		t.Fatal(err)
	}
	result := bootTwins(t, u, len(rooms))
	t.Run("twins", func(t *testing.T) { checkTwins(t, rooms, result) })
	t.Run("states", func(t *testing.T) { checkStates(t, p, result) })
	if t.Failed() {
		t.Log(result.Text())
	}
}

// checkTwins logs the table.
func checkTwins(t *testing.T, rooms []probes.Room, result vm.Result) {
	got := outcomes(result)
	for _, r := range rooms {
		var table strings.Builder
		wrong := 0
		w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "rule\taccess\tpromised\tgot\tneighbour\tpromised\tgot\t")
		for i, twin := range r.Twins {
			granted, ok1 := cell(twin.Granted, got, outcome{r.Name, i, false})
			neighbour, ok2 := cell(twin.Neighbour, got, outcome{r.Name, i, true})
			mark := ""
			if !ok1 || !ok2 {
				mark, wrong = "WRONG", wrong+1
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", twin.Rule, granted, neighbour, mark)
		}
		w.Flush()
		t.Logf("room %s\n%s", r.Name, table.String())
		if wrong > 0 {
			t.Errorf("room %s: %d rules are not as the policy promises", r.Name, wrong)
		}
	}
	// What outward may reach, and what it may not, shows nothing unless echo listened.
	for i, twin := range rooms[slices.IndexFunc(rooms, func(r probes.Room) bool { return r.Name == "outward" })].Twins {
		if found := got[outcome{"outward", i, false}]; twin.Rule == "tcp connect 7007" && twin.Granted != nil && found != probes.OK {
			t.Errorf("outward could not connect to echo: %s", found)
		}
		if found := got[outcome{"outward", i, true}]; twin.Neighbour != nil && twin.Neighbour.Kind == probes.Connect && twin.Neighbour.Args[1] == "@bay0" && found != "EPERM" {
			t.Errorf("outward was not kept from the abstract socket of echo: %s", found)
		}
	}
}

// bootTwins boots a unit that may need anything that a machine can have.
func bootTwins(t *testing.T, u unit, rooms int) vm.Result {
	t.Helper()
	m := u.machine(t)
	m.Timeout, m.Memory = 5*time.Minute, 1024
	m.Disk, m.TPM = filepath.Join(t.TempDir(), "disk"), filepath.Join(t.TempDir(), "tpm")
	if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{{Label: "files", Size: vm.SmallestPartition, Owner: 10023}}); err != nil {
		t.Fatal(err)
	}
	said, reported := allSaid(rooms), !bytes.Contains(u.bay0, []byte("state: "))
	m.Until = func(line string) bool {
		reported = reported || stateEnd.MatchString(line)
		return said(line) && reported
	}
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	return result
}

// cell is one half of a twin as three columns, and whether it is as it should be.
func cell(p *probes.Probe, got map[outcome]string, of outcome) (text string, ok bool) {
	if p == nil {
		return "-\t-\t-", true
	}
	found := got[of]
	return fmt.Sprintf("%s\t%s\t%s", p, p.Wanted(), found), slices.Contains(p.Want, found)
}

// trespasser sees all that safe sees, and is in none of the groups that may use it.
// No passport compiles to it.
func trespasser(t *testing.T, p policy.Policy) policy.Room {
	r := *witnessRoom(t, &p, "safe")
	r.Name, r.Hostname, r.UID, r.GID, r.Groups = "outsider", "outsider", 10028, 10028, nil
	r.Argv = []string{r.Argv[0], "/etc/twins/outsider.json"}
	r.Binds = slices.Clone(r.Binds)
	for i := range r.Binds {
		if r.Binds[i].Target == policy.NotifyTarget {
			r.Binds[i].Source = abi.NotifySource(r.Name)
		}
	}
	return r
}
