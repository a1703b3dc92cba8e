//go:build mutants

package main_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/mutate"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/vm"
)

// Mutants of the whole machine take a boot each. So that it is a short one, each is
// booted in that scenario first in which what it lacks is looked for.

// runMachines tries every mutant that concerns the machine, two at a time.
func (m mutants) runMachines(t *testing.T, found *verdicts) {
	for _, x := range m.all {
		if x.Room {
			continue
		}
		t.Run(fmt.Sprint(x.Number), func(t *testing.T) {
			t.Parallel()
			how := m.runMachine(t, x)
			t.Logf("%v: %q", x, how)
			found.add(x.Number, how)
		})
	}
}

func (m mutants) runMachine(t *testing.T, x mutate.Mutant) string {
	names := lookedFor[x.File+" "+x.Function]
	if names == nil {
		names = lookedFor[x.File]
	}
	if names == nil {
		t.Fatalf("nobody looks for mutants of %s", x.File)
	}
	for _, name := range names {
		s := scenarios()[name]
		s.once.Do(func() {
			s.shown = m.boot(t, s, 0)
			t.Logf("%s: %q", name, s.shown)
		})
		if got := m.boot(t, s, x.Number); !slices.Equal(got, s.shown) {
			return name + ": " + difference(s.shown, got)
		}
	}
	return ""
}

// boot is all that there is to see of a machine with one mutant.
func (m mutants) boot(t *testing.T, s *scenario, number int) []string {
	u := s.unit(t)
	var err error
	if u.bay0, err = m.be(number, nil); err != nil {
		t.Fatal(err)
	}
	machine := u.machine(t)
	if s.flash != nil {
		machine.Flash = filepath.Join(t.TempDir(), "flash.fd")
		if err := os.WriteFile(machine.Flash, read(t, machine.Vars), 0o600); err != nil {
			t.Fatal(err)
		}
		setVariables(t, machine, s.flash)
	}
	if s.disk {
		withRuns(t, &machine)
	}
	machine.Timeout, machine.Until = 4*time.Minute, s.until()
	result, err := machine.Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	if result.Ending == vm.Timeout {
		t.Errorf("mutant %d shows nothing in the time that there is\n%s", number, result.Text())
	}
	return machineShows(u, result, s.looks)
}

// machineShows is how a machine came to its end, what Bay0 refused and how its rooms
// lived, what the governor could do, and what of the states is not as promised.
func machineShows(u unit, result vm.Result, looks bool) []string {
	all := []string{"it ends by " + result.Ending.String()}
	for _, prefix := range []string{"refused: ", "cannot ", "the launcher does not answer"} {
		if said := first(result, "bay0", prefix); said != "" {
			all = append(all, said)
		}
	}
	for _, text := range lines(result, "bay0") {
		if strings.HasPrefix(text, "tries: ") {
			all = append(all, text)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if first(result, "bay0", "room ") != "" {
		all = append(all, "it starts rooms")
	}
	v, err := blob.Decode(u.passports)
	if err != nil {
		return all
	}
	p := encode.Policy(v)
	for _, r := range p.Rooms {
		all = append(all, life(result, r.Name)...)
		if outlives(result, r.Name) {
			all = append(all, r.Name+" goes on")
		}
	}
	if looks {
		faults := strays(p, states(result))
		for _, who := range slices.Sorted(maps.Keys(faults)) {
			for _, fault := range faults[who] {
				all = append(all, who+": "+fault)
			}
		}
	}
	for o, got := range outcomes(result) {
		all = append(all, fmt.Sprintf("probe %v: %s", o, got))
	}
	slices.Sort(all)
	return all
}
