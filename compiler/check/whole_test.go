package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// treeOf makes a rooms directory without system.toml. Its passports hold only what
// the rules of the whole system look at.
func treeOf(t *testing.T, n int, passport func(i int) string) *source.Tree {
	t.Helper()
	tree := &source.Tree{Name: "rooms"}
	for i := range n {
		name := fmt.Sprintf("r%04d", i)
		file, faults := source.Parse("rooms/"+name+"/passport.toml", []byte(passport(i)))
		if file == nil {
			t.Fatal(render(t, faults))
		}
		tree.Rooms = append(tree.Rooms, source.Directory{Name: name, Passport: file})
	}
	return tree
}

// after is a room that waits for others.
func after(rooms ...int) string {
	var names []string
	for _, i := range rooms {
		names = append(names, fmt.Sprintf("'r%04d'", i))
	}
	return "room.after = [" + strings.Join(names, ", ") + "]\n"
}

func summaries(l diag.List) (all []string) {
	for _, d := range l.Sorted() {
		all = append(all, d.Summary)
	}
	return all
}

func TestCircles(t *testing.T) {
	const most = policy.MaxRooms
	tests := []struct {
		name     string
		n        int
		passport func(i int) string
		want     []string
	}{
		{"a chain as long as can be", most, func(i int) string { return []string{"", after(i - 1)}[min(i, 1)] }, nil},
		{"each waits for all before it", 64, func(i int) string {
			var all []int
			for j := range i {
				all = append(all, j)
			}
			return after(all...)
		}, nil},
		{
			"a circle as long as can be", most, func(i int) string { return after((i + 1) % most) },
			[]string{"rooms wait for each other in a circle: r0000 → r0001 → r0002 → r0003 → … → r4093 → r4094 → r4095 → r0000"},
		},
		{
			"each waits for every other", 3, func(i int) string { return after((i+1)%3, (i+2)%3) },
			[]string{"rooms wait for each other in a circle: r0000 → r0001 → r0002 → r0000"},
		},
		{
			"two circles with a room in common", 3, func(i int) string { return [...]string{after(1), after(0, 2), after(1)}[i] },
			[]string{"rooms wait for each other in a circle: r0000 → r0001 → r0000"},
		},
		{
			"a way into a circle", 4, func(i int) string { return after([]int{1, 2, 3, 2}[i]) },
			[]string{"rooms wait for each other in a circle: r0002 → r0003 → r0002"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := together(treeOf(t, tt.n, tt.passport), true)
			if diff := cmp.Diff(tt.want, summaries(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, d := range got {
				if len(d.Related) > 2*chainShown+1 {
					t.Errorf("%d places are shown", len(d.Related))
				}
			}
		})
	}
}

// TestWaysToTheVault has a machine in which sockets lead from the first room, which has
// a network, from each to the next. All the others have the vault, at any distance.
func TestWaysToTheVault(t *testing.T) {
	const last = 99
	got := together(treeOf(t, last+1, func(i int) string {
		text := ""
		if i > 0 {
			text = fmt.Sprintf("[[connect]]\nroom = 'r%04d'\nsocket = 's%d'\n", i-1, i-1)
		}
		if i < last {
			text += fmt.Sprintf("[[socket]]\nname = 's%d'\nclients = ['r%04d']\n", i, i+1)
		}
		if i == 0 {
			return text + "[network]\nmode = 'host'\n"
		}
		return text + "[vault]\n"
	}), true)
	var want []string
	way, places := []string{"r0000"}, []string{"r0000 is in the network"}
	for i := range last {
		way = append(way, fmt.Sprintf(`socket "s%d"`, i), fmt.Sprintf("r%04d", i+1))
		places = append(places, fmt.Sprintf(`socket "s%d"`, i))
		summary := "the network can reach the vault: " + strings.Join(withoutMiddle(way, "…"), " → ")
		want = append(want, summary+" by "+strings.Join(withoutMiddle(places), ", "))
	}
	var all []string
	for _, d := range got {
		var places []string
		for _, r := range d.Related {
			places = append(places, r.Message)
		}
		all = append(all, d.Summary+" by "+strings.Join(places, ", "))
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// withoutMiddle leaves four at each end of more than nine.
func withoutMiddle(all []string, middle ...string) []string {
	if len(all) <= 9 {
		return all
	}
	return slices.Concat(all[:4], middle, all[len(all)-4:])
}

// Hints for names of no room are for people: of two thousand in one file only the first
// are compared with the names of all rooms.
func TestMisspeltRooms(t *testing.T) {
	var required []string
	for i := range 1900 {
		required = append(required, fmt.Sprintf("'r0000%c%c%c'", 'a'+i/676, 'a'+i/26%26, 'a'+i%26))
	}
	tree := treeOf(t, 2, func(i int) string { return []string{"room.after = ['r1001', 'r1001']\n", ""}[i] })
	system, faults := source.Parse("rooms/system.toml", []byte("boot.required-rooms = ["+strings.Join(required, ", ")+"]\n"))
	if system == nil {
		t.Fatal(render(t, faults))
	}
	tree.System = system
	hints := map[string]int{}
	for _, d := range together(tree, true) {
		hints[d.Hint]++
	}
	want := map[string]int{`did you mean "r0001"?`: 2, `did you mean "r0000"?`: mostMeant - 1, "": 1900 - (mostMeant - 1)}
	if diff := cmp.Diff(want, hints); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMoreSocketsThanGroups(t *testing.T) {
	sockets := func(n int) diag.List {
		return together(treeOf(t, 400, func(i int) string {
			text := ""
			for j := i; j < n; j += 400 {
				text += fmt.Sprintf("[[socket]]\nname = 's%d'\n", j)
			}
			return text
		}), true)
	}
	if got := sockets(10_000); len(got) > 0 {
		t.Errorf("10000 sockets were refused: %s", got[0].Summary)
	}
	got := sockets(10_002)
	want := []string{"the rooms provide more than 10000 sockets"}
	if diff := cmp.Diff(want, summaries(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMoreRoomsToWaitForThanCanBe(t *testing.T) {
	files := load(parse(t, "testdata/valid/rooms.txtar"))
	var names []string
	for i := range 257 {
		names = append(names, fmt.Sprintf("'r%d'", i))
	}
	text := string(files["web/passport.toml"].Data)
	files["web/passport.toml"].Data = []byte(strings.Replace(text, "[room]\n", "[room]\nafter = ["+strings.Join(names, ",")+"]\n", 1))
	sub, err := files.Sub("web")
	if err != nil {
		t.Fatal(err)
	}
	room, faults := source.ReadRoom(sub, "rooms/web")
	faults = append(faults, CheckRoom(room)...)
	want := []string{"room.after cannot have 257 entries"}
	if diff := cmp.Diff(want, summaries(faults)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestPolicyHoldsWhatTheLanguageAllows compares the schema's limits with those of
// a policy: what was checked must never fail to be encoded.
func TestPolicyHoldsWhatTheLanguageAllows(t *testing.T) {
	room, system := theLanguage().room.root, theLanguage().system.root
	most := func(root *field, path string) int { return int(root.at(strings.Split(path, ".")).asks().most) }
	bound := func(root *field, path string, unit uint64) int {
		return int(root.at(strings.Split(path, ".")).limits.max / unit)
	}
	nodes := 0
	for _, class := range theLanguage().devices {
		nodes += len(class)
	}
	const (
		ownMounts, ownBinds = 3, 6 // /dev, /proc, /run; five devices and the notify socket
		added               = 200  // to the command line: ip= and how it waits, the log, rdinit= and init=
		millisecond, second = 1_000_000, 1_000_000_000
	)
	for _, tt := range []struct {
		what      string
		got, most int
	}{
		{"arguments", most(room, "room.exec"), policy.MaxArguments},
		{"rooms to wait for", most(room, "room.after"), policy.MaxAfter},
		{"mounts", ownMounts + most(room, "filesystem.tmpfs") + most(room, "filesystem.volumes"), policy.MaxMounts},
		{"ports", most(room, "network.connect") + most(room, "network.bind"), policy.MaxPorts},
		{"sockets", most(room, "socket"), policy.MaxSockets},
		{"connects", most(room, "connect"), policy.MaxGroups},
		{"binds", ownBinds + nodes + most(room, "connect"), policy.MaxBinds},
		{"start timeout", bound(room, "health.start-timeout", millisecond), policy.MaxStartTimeout},
		{"settle time", bound(system, "boot.settle-time", millisecond), policy.MaxSettle},
		{"watchdog timeout", bound(system, "boot.watchdog-timeout", second), policy.MaxWatchdog},
		{"command line", int(system.at([]string{"kernel", "command-line"}).joined) + added, policy.MaxCommandLine},
		{"user", int(*room.at([]string{"room", "user"}).asks().high), abi.MaxUID},
		{"version", int(*system.at([]string{"policy", "version"}).asks().high), policy.MaxVersion},
	} {
		if tt.got <= 0 || tt.got > tt.most {
			t.Errorf("%s: %d, but a policy holds %d", tt.what, tt.got, tt.most)
		}
	}
}

// TestNamesFitThePolicy compares the forms of names in the schema and in policies.
func TestNamesFitThePolicy(t *testing.T) {
	names := []string{
		"", "a", "z9", "a-b", "a--b", "a-", "-a", "9a", "A", "aB", "a_b", "a.b", "a/b", "a b", "ä", "a\n", "a\x00",
		strings.Repeat("a", 31), strings.Repeat("a", 32), strings.Repeat("a", 36), strings.Repeat("a", 37),
		strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 30) + "-", strings.Repeat("a", 35) + "-",
	}
	for _, tt := range []struct {
		path  string
		valid func(string) bool
	}{
		{"room.name", policy.ValidRoomName[string]},
		{"room.hostname", func(s string) bool { return policy.ValidHostname(s) && len(s) < 64 }},
		{"filesystem.volumes[0].name", policy.ValidPartition[string]},
	} {
		l := theLanguage()
		for _, name := range names {
			value, path := fmt.Sprintf("%q", name), tt.path
			if name == "a\x00" {
				value = `"a\u0000"`
			}
			if list, key, ok := strings.Cut(tt.path, "[0]."); ok {
				path, value = list, fmt.Sprintf("[{ %s = %s }]", key, value)
			}
			file, faults := source.Parse("f.toml", []byte(path+" = "+value))
			if file == nil {
				t.Fatal(render(t, faults))
			}
			valid := true
			for _, d := range l.judge(&l.room, file) {
				valid = valid && !strings.HasPrefix(d.Summary, tt.path+" cannot be ")
			}
			if valid != tt.valid(name) {
				t.Errorf("%s = %q: the schema says %t, a policy %t", tt.path, name, valid, tt.valid(name))
			}
		}
	}
}
