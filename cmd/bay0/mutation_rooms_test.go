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

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/probes"
	"github.com/anchor-os/anchor/release/vm"
)

// Mutants of what builds a room run many in one machine: each in a room of its own,
// all of which have one policy but for their names, and a first one that is none.

// slots are how many rooms a machine has for mutants, the first not counted.
const slots = 42

// variant is a policy in which a mutant may show.
type variant struct {
	name     string
	template string // the room of testdata/twins that is changed
	change   func(*policy.Room)
}

// variants are tried in order, until a mutant has shown. In the first are as many
// kinds of grants as a room can have at once; then come rooms that Bay0 refuses.
var variants = []variant{
	{"grants", "peer", func(*policy.Room) {}},
	{"network", "outward", func(*policy.Room) {}},
}

// slotName is a room's name, after those of the rooms that others talk to.
func slotName(i int) string { return fmt.Sprintf("m%02d", i) }

// slotPolicy is a machine with n rooms of a variant, beside echo and keeper.
func slotPolicy(v variant, n int) (policy.Policy, error) {
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
	for i := range n {
		r := slot(find(v.template), find("safe"), find("keeper"), i)
		v.change(&r)
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
	r.Binds, r.Mounts = slices.Clone(r.Binds), slices.Clone(r.Mounts)
	for b := range r.Binds {
		if r.Binds[b].Target == policy.NotifyTarget {
			r.Binds[b].Source = policy.NotifySource(r.Name)
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
	r.Sockets = []policy.Socket{{Name: own, Path: policy.SocketSource(r.Name, own), Type: policy.SocketStream, GID: uint32(29_000 + i)}}
	for _, s := range limits.Cgroup {
		if strings.HasPrefix(s.File, "cpu.") {
			r.Cgroup = append(slices.Clone(r.Cgroup), s)
		}
	}
	slices.SortFunc(r.Cgroup, func(a, b policy.Setting) int { return strings.Compare(a.File, b.File) })
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
	slices.SortFunc(r.Binds, func(a, b policy.Bind) int { return strings.Compare(a.Target, b.Target) })
	slices.SortFunc(r.Landlock.Paths, func(a, b policy.PathRule) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(r.Groups)
	return r
}

// onlyOwn leaves out of a room's probes the sockets of the other slots.
func onlyOwn(rooms []probes.Room) {
	for i := range rooms {
		rooms[i].Twins = slices.DeleteFunc(rooms[i].Twins, func(t probes.Twin) bool {
			return t.Neighbour != nil && t.Neighbour.Kind == probes.Connect && strings.Contains(t.Neighbour.Args[1], "own-m")
		})
	}
}

// verdict is how a mutant came to its end.
type verdict struct {
	number int
	how    string // "": it lives
}

// runRooms tries every mutant that concerns a room.
func (m mutants) runRooms(t *testing.T) []verdict {
	var left []int
	for _, x := range m.all {
		if x.Room {
			left = append(left, x.Number)
		}
	}
	var all []verdict
	for _, v := range variants {
		p, err := slotPolicy(v, slots+1)
		if err != nil {
			t.Fatal(err)
		}
		u, _, err := twin(p)
		if err != nil {
			t.Fatal(err)
		}
		var alive []int
		for batch := range slices.Chunk(left, slots) {
			for i, how := range m.runBatch(t, u, p, batch) {
				if how == "" {
					alive = append(alive, batch[i])
				} else {
					all = append(all, verdict{batch[i], v.name + ": " + how})
				}
			}
		}
		t.Logf("variant %s: %d of %d live", v.name, len(alive), len(left))
		left = alive
	}
	for _, n := range left {
		all = append(all, verdict{n, ""})
	}
	return all
}

// runBatch boots some mutants and tells how each has shown. If the machine does not
// live, one of them ends it: then each half is booted.
func (m mutants) runBatch(t *testing.T, u unit, p policy.Policy, batch []int) []string {
	const companions = 2
	var err error
	// The images are the same for all, and known: that they are looked at is tried
	// elsewhere.
	if u.bay0, err = m.be(m.number(t, "mountImage", "checkImage(f, r)"), append(make([]int, companions+1), batch...)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	result := bootSlots(t, u)
	t.Logf("%d mutants in %v, ended by %v", len(batch), time.Since(began).Round(time.Second), result.Ending)
	if result.Ending != vm.Matched {
		if len(batch) == 1 {
			return []string{"the machine ends by " + result.Ending.String()}
		}
		half := len(batch) / 2
		return append(m.runBatch(t, u, p, batch[:half]), m.runBatch(t, u, p, batch[half:])...)
	}
	said := showings(result, p, states(result))
	control := said[slotName(0)]
	hows := make([]string, len(batch))
	for i := range batch {
		if got := said[slotName(1+i)]; !slices.Equal(got, control) {
			hows[i] = difference(control, got)
		}
	}
	return hows
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
	for _, line := range got {
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
	m.Timeout, m.Memory = 10*time.Minute, 3072
	m.Disk = filepath.Join(t.TempDir(), "disk")
	if err := vm.MakeDisk(t.Context(), m.Disk, []vm.Partition{{Label: "files", Size: vm.SmallestPartition, Owner: 10023}}); err != nil {
		t.Fatal(err)
	}
	m.Until = stateEnd.MatchString
	result, err := m.Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	os.WriteFile("/tmp/probes-console.log", []byte(result.Text()), 0o644)
	return result
}
