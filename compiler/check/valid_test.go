package check

import (
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy/abi"
)

func TestValues(t *testing.T) {
	got, faults := judge(load(parse(t, "testdata/valid/everything.txtar")))
	if got == nil {
		t.Fatal(render(t, faults))
	}
	l := theLanguage()
	// What a room has that says nothing about it.
	least := func(name, description string, user uint32, profile string) Room {
		return Room{
			File: "rooms/" + name + "/passport.toml", Name: name, Hostname: name, Description: description,
			WorkingDirectory: "/", Exec: []string{"/bin/" + name}, User: user,
			MemoryMax: 1 << 20, Pids: 16, OpenFiles: 256, Families: []string{"AF_UNIX"},
			SystemCalls:     SystemCalls{Calls: changed(l.profiles[profile], "")},
			ReadinessNotify: true, StartTimeout: 5 * time.Second, StopTimeout: 5 * time.Second,
		}
	}
	net := least("net", "A room with a network", 10000, "baseline")
	net.Restart = abi.RestartAlways
	net.Host, net.UDP, net.Families = true, true, []string{"AF_UNIX", "AF_INET", "AF_INET6"}
	net.Connect, net.Bind = []uint16{1, 443, 65535}, []uint16{1023, 8080, 65535}
	net.Capabilities, net.Watchdog = []string{"NET_BIND_SERVICE"}, time.Hour
	peer := least("peer", "The other end", 10001, "baseline")
	peer.Restart = abi.RestartOnFailure
	peer.Volumes = []Volume{{Name: "common", Path: "/data"}}
	peer.Sockets = []Socket{
		{"peer-a", abi.SocketDatagram, []string{"all", "sink"}},
		{"peer-b", abi.SocketSeqPacket, []string{"all"}},
		{"peer-c", abi.SocketStream, []string{"sink"}},
	}
	sink := least("sink", "The least of all", 10002, "service")
	sink.Connects = []Connect{{"peer", "peer-a"}, {"peer", "peer-c"}}
	want := &Checked{
		System: System{
			File: "rooms/system.toml", Version: 2, Floor: 1,
			CommandLine:  []string{"console=ttyAMA0", "panic=-1"},
			BudgetMemory: 256 << 20, BudgetPids: 512,
			RequiredRooms: []string{"net", "all"}, PowerOffOnFailure: true,
			Settle: time.Minute, Watchdog: 2 * time.Second, SecureBootRequired: true,
			Partitions: []string{"work", "common"},
			Network: &Network{
				Interface: "eth0", Address: netip.MustParsePrefix("10.0.2.15/24"), Gateway: netip.MustParseAddr("10.0.2.2"),
				Nameservers: []netip.Addr{netip.MustParseAddr("10.0.2.3"), netip.MustParseAddr("1.1.1.1")},
			},
		},
		Rooms: []Room{
			{
				File: "rooms/all/passport.toml", Name: "all", Hostname: "all-1",
				Description:      "Every key – größer, 漢字, ‘quoted’",
				WorkingDirectory: "/srv", Exec: []string{"/bin/.all", "", "-x"},
				Environment: []EnvVar{{"Z", "1"}, {"_A9", ""}},
				User:        19999, Critical: true, After: []string{"net", "peer"},
				MemoryMax: 64 << 20, MemoryHigh: 64 << 20, Families: []string{"AF_UNIX"},
				CPUQuotaPercent: 150, CPUWeight: 1, Pids: 16, OpenFiles: 16,
				Tmpfs:        []Tmpfs{{"/devices", 4 << 10}, {"/tmp", 8 << 20}, {"/tmp-a", 64 << 20}},
				Volumes:      []Volume{{"common", "/data", true}, {"work", "/volume", false}},
				Devices:      []Device{{"/dev/hwrng", 10, 183, false}, {"/dev/tpmrm0", 0, 0, true}},
				Vault:        true,
				Connects:     []Connect{{"peer", "peer-a"}, {"peer", "peer-b"}},
				SystemCalls:  SystemCalls{Calls: changed(l.profiles["baseline"], "socket", "clone", "futex"), Kill: true, ExecutableMemory: true},
				StartTimeout: 1500 * time.Millisecond, StopTimeout: 2 * time.Second,
			},
			net, peer, sink,
		},
	}
	options := []cmp.Option{cmpopts.IgnoreTypes(Origin{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })}
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestDefaults is what a file means that says nothing of a thing.
func TestDefaults(t *testing.T) {
	got, faults := judge(load(parse(t, "testdata/valid/rooms.txtar")))
	if got == nil {
		t.Fatal(render(t, faults))
	}
	want := &Checked{
		System: System{
			File: "rooms/system.toml", Version: 2, Floor: 1,
			CommandLine:  []string{"console=ttyAMA0", "panic=-1"},
			BudgetMemory: 256 << 20, BudgetPids: 512,
			RequiredRooms: []string{"web"},
			Settle:        10 * time.Second, Watchdog: 30 * time.Second,
		},
		Rooms: []Room{{
			File: "rooms/web/passport.toml", Name: "web", Hostname: "web",
			Description:      "Greets whoever asks",
			WorkingDirectory: "/", Exec: []string{"/bin/web", "--greeting", "hello"},
			User:      10001,
			MemoryMax: 64 << 20, Pids: 32, OpenFiles: 256, Families: []string{"AF_UNIX"},
			SystemCalls:     SystemCalls{Calls: changed(theLanguage().profiles["service"], "")},
			ReadinessNotify: true, StartTimeout: 5 * time.Second, StopTimeout: 5 * time.Second,
		}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(Origin{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestEveryKeyIsUsed holds everything.txtar to its name.
func TestEveryKeyIsUsed(t *testing.T) {
	tree, faults := source.ReadTree(load(parse(t, "testdata/valid/everything.txtar")), "rooms")
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	used := map[*field]bool{}
	var use func(v *source.Value, f *field)
	use = func(v *source.Value, f *field) {
		used[f] = true
		for i, item := range v.Items {
			use(item, f.child(strconv.Itoa(i)))
		}
		for name, child := range v.Fields {
			use(child, f.child(name))
		}
	}
	l := theLanguage()
	use(tree.System.Root, l.system.root)
	for _, room := range tree.Rooms {
		use(room.Passport.Root, l.room.root)
	}
	var look func(f *field, path string)
	look = func(f *field, path string) {
		if !used[f] {
			t.Errorf("%s is not used", path)
		}
		for name, child := range f.members {
			look(child, path+"."+name)
		}
		if f.items != nil {
			look(f.items, path+"[]")
		}
	}
	look(l.system.root, "system")
	look(l.room.root, "passport")
}

// withEverything is a passport with most of the keys.
func withEverything(t testing.TB) []byte {
	for _, f := range parse(t, "testdata/valid/everything.txtar").Files {
		if f.Name == "all/passport.toml" {
			return f.Data
		}
	}
	t.Fatal("everything.txtar has no room all")
	return nil
}

// changed gives a profile with one call more and others less, sorted.
func changed(profile []string, more string, less ...string) []string {
	set := map[string]bool{}
	for _, name := range append([]string{more}, profile...) {
		set[name] = name != ""
	}
	for _, name := range less {
		set[name] = false
	}
	var all []string
	for _, name := range theNames {
		if set[name] {
			all = append(all, name)
		}
	}
	return all
}

func TestOrigins(t *testing.T) {
	f, faults := source.Parse("p.toml", withEverything(t))
	if f == nil {
		t.Fatal(render(t, faults))
	}
	origin := Origin{f.Root}
	for path, want := range map[string]string{
		"room": "[room]", "room.exec": `["/bin/.all", "", "-x"]`, "room.environment._A9": `""`,
		"resources.memory.max": `"64MiB"`, "filesystem.tmpfs[1].path": `"/devices"`, "system-calls.deny[1].call": `"futex"`,
		"health.watchdog": "", "filesystem.tmpfs[9]": "", "": "",
	} {
		if got := origin.At(path).Text(); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestShippedRooms(t *testing.T) {
	tree, faults := source.ReadTree(os.DirFS("../../rooms"), "rooms")
	checked, more := Check(tree)
	if faults = append(faults, more...); checked == nil || len(faults) > 0 {
		t.Errorf("refused:\n%s", render(t, faults))
	}
}

func TestOneRoomAlone(t *testing.T) {
	valid := load(parse(t, "testdata/valid/rooms.txtar"))
	valid["web/passport.toml"].Data = []byte(strings.Replace(string(valid["web/passport.toml"].Data), `"64MiB"`, `"1TiB"`, 1))
	sub, err := valid.Sub("web")
	if err != nil {
		t.Fatal(err)
	}
	room, faults := source.ReadRoom(sub, "rooms/web")
	if faults = append(faults, CheckRoom(room)...); len(faults) > 0 {
		t.Errorf("a room that exceeds the budget, by itself, was refused:\n%s", render(t, faults))
	}
	valid["web/passport.toml"].Data = withEverything(t)
	room, faults = source.ReadRoom(sub, "rooms/web")
	want := `Error: room.name is "all" in the directory "web" [P0401]

  on rooms/web/passport.toml:4:8, in [room]:
   4: name = "all"
             ^^^^^

A room has the name of its directory.

hint: rename one of them

`
	if diff := cmp.Diff(want, render(t, append(faults, CheckRoom(room)...))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestUnreadFilesGiveNothing(t *testing.T) {
	valid := load(parse(t, "testdata/valid/rooms.txtar"))
	for _, name := range []string{"system.toml", "web/passport.toml"} {
		files := load(parse(t, "testdata/valid/rooms.txtar"))
		files[name].Data = []byte("broken")
		tree, _ := source.ReadTree(files, "rooms")
		if checked, faults := Check(tree); checked != nil || len(faults) > 0 {
			t.Errorf("without %s: got %v and\n%s", name, checked, render(t, faults))
		}
	}
	if checked, faults := judge(valid); checked == nil {
		t.Errorf("refused:\n%s", render(t, faults))
	}
}

func TestConcurrently(t *testing.T) {
	valid := load(parse(t, "testdata/valid/rooms.txtar"))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if checked, faults := judge(valid); checked == nil {
				t.Errorf("refused:\n%s", render(t, faults))
			}
		})
	}
	group.Wait()
}
