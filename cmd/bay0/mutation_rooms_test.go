//go:build mutants

package main_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"

	"github.com/anchor-os/anchor/release/vm"
)

// Mutants of what builds a room run many in one machine: each in a room of its own,
// all of which have one policy but for their names, and a first one that is none.

// slots are how many rooms a machine has for mutants, the first not counted.
const slots = 30

// slotName is a room's name, after those of the rooms that others talk to.
func slotName(i int) string { return fmt.Sprintf("m%02d", i) }

// trial is one mutant in one variant; number 0 is Bay0 as it is.
type trial struct {
	number  int
	variant string
}

// slotPolicy is a machine with a room for each trial, beside echo and keeper.
func slotPolicy(trials []trial) (policy.Policy, error) {
	p, err := twinsPolicy()
	if err != nil {
		return p, err
	}
	find := func(name string) policy.Room {
		return p.Rooms[slices.IndexFunc(p.Rooms, func(r policy.Room) bool { return r.Name == name })]
	}
	rooms := []policy.Room{find("echo"), find("keeper")}
	rooms[0].Argv = append(slices.Clone(rooms[0].Argv), "quiet")
	rooms[1].Argv = append(slices.Clone(rooms[1].Argv), "quiet")
	for i, of := range trials {
		v := variants[of.variant]
		r := slot(find(v.template), find("safe"), find("keeper"), i)
		v.change(&r)
		inOrder(&r)
		rooms = append(rooms, r)
	}
	p.Rooms, p.Watchdog = rooms, policy.MaxWatchdog // so many rooms at once take their time
	return p, nil
}

// slot is the template under another name and number, with a device, limits and a
// socket of its own besides.
func slot(r, device, limits policy.Room, i int) policy.Room {
	owner := fmt.Sprint(r.UID)
	r.Name, r.Hostname = slotName(i), "host-of-"+slotName(i)
	r.UID, r.GID = uint32(11_000+i), uint32(11_000+i)
	r.Argv = append([]string{r.Argv[0], "/etc/twins/" + r.Name + ".json", "quiet"}, r.Argv[2:]...)
	r.StartTimeout = policy.MaxStartTimeout
	r.Cgroup = slices.Clone(r.Cgroup)
	setting(&r, "memory.max", "16777216") // so that it is soon used up
	r.Binds, r.Mounts = slices.Clone(r.Binds), slices.Clone(r.Mounts)
	for b := range r.Binds {
		if r.Binds[b].Target == policy.NotifyTarget {
			r.Binds[b].Source = abi.NotifySource(r.Name)
		}
	}
	for m := range r.Mounts {
		r.Mounts[m].Options = slices.Clone(r.Mounts[m].Options)
		for o := range r.Mounts[m].Options {
			if r.Mounts[m].Options[o].Value == owner {
				r.Mounts[m].Options[o].Value = fmt.Sprint(r.UID)
			}
		}
	}
	own := "own-" + r.Name
	r.Sockets = []policy.Socket{{Name: own, Path: policy.SocketSource(r.Name, own), Type: abi.SocketStream, GID: uint32(29_000 + i)}}
	for _, s := range limits.Cgroup {
		if strings.HasPrefix(s.File, "cpu.") {
			r.Cgroup = append(slices.Clone(r.Cgroup), s)
		}
	}
	return withDevice(r, device)
}

// withDevice gives a room the hardware's random numbers of another.
func withDevice(r, from policy.Room) policy.Room {
	const rng = "/dev/hwrng"
	for _, b := range from.Binds {
		if b.Target == rng {
			r.Binds = append(r.Binds, b)
			r.Groups = append(slices.Clone(r.Groups), b.GID)
		}
	}
	r.Landlock.Paths = slices.Clone(r.Landlock.Paths)
	for _, rule := range from.Landlock.Paths {
		if rule.Path == rng {
			r.Landlock.Paths = append(r.Landlock.Paths, rule)
		}
	}
	return r
}

// runRooms tries every mutant that concerns a room: each in the room of many grants,
// and what lives on in those in which it is looked for.
func (m mutants) runRooms(t *testing.T, found *verdicts) {
	var first, further []trial
	for _, x := range m.all {
		if x.Room {
			first = append(first, trial{x.Number, grants})
		}
	}
	t.Run("grants", func(t *testing.T) { m.runTrials(t, first, found) })
	for _, x := range m.all {
		for _, v := range furtherVariants[x.Function] {
			if x.Room && found.how[x.Number] == "" {
				further = append(further, trial{x.Number, v})
			}
		}
	}
	t.Run("further", func(t *testing.T) { m.runTrials(t, further, found) })
}

// runTrials boots as many at a time as there are slots.
func (m mutants) runTrials(t *testing.T, trials []trial, found *verdicts) {
	slices.SortStableFunc(trials, func(a, b trial) int { return strings.Compare(a.variant, b.variant) })
	for batch := range slices.Chunk(trials, slots) {
		t.Run(fmt.Sprintf("from %d", batch[0].number), func(t *testing.T) {
			t.Parallel()
			for i, how := range m.runBatch(t, batch) {
				t.Logf("%v, %s: %q", m.all[batch[i].number-1], batch[i].variant, how)
				if how != "" {
					found.add(batch[i].number, batch[i].variant+": "+how)
				}
			}
		})
	}
}

// runBatch boots some trials, each variant's without a mutant first, and tells how
// each mutant has shown. If the machine does not live, one of them ends it: then each
// half is booted.
func (m mutants) runBatch(t *testing.T, batch []trial) []string {
	all := withControls(batch)
	p, err := slotPolicy(all)
	if err != nil {
		t.Fatal(err)
	}
	u, _, err := twin(p)
	if err != nil {
		t.Fatal(err)
	}
	u.passports = withRegularFiles(u.passports)
	chosen := make([]int, 2) // echo, keeper
	for _, of := range all {
		chosen = append(chosen, of.number)
	}
	// The images are the same for all, and known: that they are looked at is tried
	// elsewhere.
	if u.bay0, err = m.be(m.number(t, "mountImage", "checkImage(f, r)"), chosen); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	result := bootSlots(t, u)
	t.Logf("%d mutants in %v, ended by %v", len(batch), time.Since(began).Round(time.Second), result.Ending)
	if result.Ending == vm.Timeout && len(batch) == 1 {
		t.Fatalf("%v, %s: it shows nothing in the time that there is\n%s", m.all[batch[0].number-1], batch[0].variant, result.Text())
	}
	if result.Ending != vm.Matched {
		if len(batch) == 1 {
			return []string{"the machine ends by " + result.Ending.String()}
		}
		half := len(batch) / 2
		return append(m.runBatch(t, batch[:half]), m.runBatch(t, batch[half:])...)
	}
	said := showings(result, p, states(result))
	controls := map[string][]string{}
	var hows []string
	for i, of := range all {
		got := said[slotName(i)]
		switch {
		case of.number == 0:
			controls[of.variant] = got
			t.Logf("%s: %q", of.variant, got)
		case slices.Equal(got, controls[of.variant]):
			hows = append(hows, "")
		default:
			hows = append(hows, difference(controls[of.variant], got))
		}
	}
	return hows
}

// withControls puts a trial without a mutant before those of each variant.
func withControls(batch []trial) (all []trial) {
	for i, of := range batch {
		if i == 0 || batch[i-1].variant != of.variant {
			all = append(all, trial{0, of.variant})
		}
		all = append(all, of)
	}
	return all
}

// number is that of the one mutant that leaves a call out of a function.
func (m mutants) number(t *testing.T, function, call string) int {
	t.Helper()
	for _, x := range m.all {
		if x.Function == function && x.Call == call && x.Change == "removed" {
			return x.Number
		}
	}
	t.Fatalf("no mutant leaves %s out of %s", call, function)
	return 0
}

func difference(control, got []string) string {
	var ends []string // which tell the most
	for _, prefix := range []string{"refused: ", "cannot ", "it ends by "} {
		for _, line := range got {
			if strings.HasPrefix(line, prefix) {
				ends = append(ends, line)
			}
		}
	}
	for _, line := range append(ends, got...) {
		if !slices.Contains(control, line) {
			return line
		}
	}
	for _, line := range control {
		if !slices.Contains(got, line) {
			return "not: " + line
		}
	}
	return "in another order"
}

// showings are all that there is to see of each room, without what differs between
// rooms of one policy: how it lived, which probes came out otherwise than promised,
// and what of its state did.
func showings(result vm.Result, p policy.Policy, all map[string]state) map[string][]string {
	found := map[string][]string{}
	stray := strays(p, all)
	got := outcomes(result)
	for _, r := range p.Rooms {
		lines := slices.Concat(life(result, r.Name), stray[r.Name])
		for _, o := range slices.SortedFunc(maps.Keys(got), func(a, b outcome) int { return 2*(a.twin-b.twin) + side(a) - side(b) }) {
			if o.room == r.Name {
				lines = append(lines, fmt.Sprintf("probe %d %v: %s", o.twin, o.neighbour, got[o]))
			}
		}
		for i := range lines {
			lines[i] = strings.NewReplacer(r.Name, "ROOM", fmt.Sprint(r.UID), "UID").Replace(lines[i])
		}
		found[r.Name] = lines
	}
	return found
}

func side(o outcome) int {
	if o.neighbour {
		return 1
	}
	return 0
}

// bootSlots boots a machine until its rooms have shown all they can, or it ends.
func bootSlots(t *testing.T, u unit) vm.Result {
	m := u.machine(t)
	m.Timeout, m.Memory = 20*time.Minute, 3072
	m.Disk = filepath.Join(t.TempDir(), "disk")
	if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{
		{Label: "files", Size: vm.SmallestPartition, Owner: 10023},
		{Label: "double", Size: vm.SmallestPartition}, {Label: "other", Size: vm.SmallestPartition},
	}); err != nil {
		t.Fatal(err)
	}
	relabel(t, m.Disk, "3", "double")
	m.Until = stateEnd.MatchString
	result, err := m.Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	return result
}
