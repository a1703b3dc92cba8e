package check

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/anchor-os/anchor/compiler/source"
)

// withEverything uses every key of the language.
const withEverything = `passport = 1

[room]
name = "all"
description = "Every key – größer, 漢字, ‘quoted’"
exec = ["/bin/.all", "", "-x"]
user = 19999
working-directory = "/srv"
hostname = "all-1"
critical = true
environment = { Z = "1", _A9 = "" }

[resources]
memory = { max = "64MiB", high = "64MiB" }
cpu = { quota = "150%", weight = 1 }
pids = 16
open-files = 16

[filesystem]
tmpfs = [
  { path = "/tmp-a", size = "64MiB" },
  { path = "/devices", size = "4KiB" },
  { path = "/tmp", size = "8MiB" },
]

[network]
mode = "none"

[system-calls]
profile = "baseline"
action = "kill"
allow = [{ call = "socket", reason = "speaks to nobody" }]
deny = [{ call = "clone" }, { call = "futex", reason = "one thread only" }]

[health]
readiness = "none"
start-timeout = "1500ms"
`

func TestValues(t *testing.T) {
	valid := parse(t, "testdata/valid/rooms.txtar")
	all := &txtar.Archive{Files: []txtar.File{{Name: "all/passport.toml", Data: []byte(withEverything)}}}
	got, faults := judge(load(valid, all))
	if got == nil {
		t.Fatal(render(t, faults))
	}
	l := theLanguage()
	want := &Checked{
		System: System{
			File: "rooms/system.toml", Version: 2, Floor: 1,
			CommandLine:  []string{"console=ttyAMA0", "panic=-1"},
			BudgetMemory: 256 << 20, BudgetPids: 512,
			RequiredRooms: []string{"web"},
			Settle:        10 * time.Second, Watchdog: 30 * time.Second,
		},
		Rooms: []Room{
			{
				File: "rooms/all/passport.toml", Name: "all", Hostname: "all-1",
				Description:      "Every key – größer, 漢字, ‘quoted’",
				WorkingDirectory: "/srv", Exec: []string{"/bin/.all", "", "-x"},
				Environment: []EnvVar{{"Z", "1"}, {"_A9", ""}},
				User:        19999, Critical: true,
				MemoryMax: 64 << 20, MemoryHigh: 64 << 20,
				CPUQuotaPercent: 150, CPUWeight: 1, Pids: 16, OpenFiles: 16,
				Tmpfs:        []Tmpfs{{"/devices", 4 << 10}, {"/tmp", 8 << 20}, {"/tmp-a", 64 << 20}},
				SystemCalls:  SystemCalls{Calls: changed(l.profiles["baseline"], "socket", "clone", "futex"), Kill: true},
				StartTimeout: 1500 * time.Millisecond,
			},
			{
				File: "rooms/web/passport.toml", Name: "web", Hostname: "web",
				Description:      "Greets whoever asks",
				WorkingDirectory: "/", Exec: []string{"/bin/web", "--greeting", "hello"},
				User:      10001,
				MemoryMax: 64 << 20, Pids: 32, OpenFiles: 256,
				SystemCalls:     SystemCalls{Calls: changed(l.profiles["service"], "")},
				ReadinessNotify: true, StartTimeout: 5 * time.Second,
			},
		},
	}
	ignore := cmpopts.IgnoreTypes(Origin{})
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
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
	f, faults := source.Parse("p.toml", []byte(withEverything))
	if f == nil {
		t.Fatal(render(t, faults))
	}
	got := map[string]string{}
	for path, r := range origins(f.Root) {
		got[path] = r.Text()
	}
	for path, want := range map[string]string{
		"room": "[room]", "room.exec": `["/bin/.all", "", "-x"]`, "room.environment._A9": `""`,
		"resources.memory.max": `"64MiB"`, "filesystem.tmpfs[1].path": `"/devices"`, "system-calls.deny[1].call": `"futex"`,
	} {
		if got[path] != want {
			t.Errorf("%s: got %q, want %q", path, got[path], want)
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
	valid["web/passport.toml"].Data = []byte(withEverything)
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

func FuzzCheck(f *testing.F) {
	valid := parse(f, "testdata/valid/rooms.txtar")
	f.Add([]byte(withEverything), true)
	f.Add(valid.Files[0].Data, false)
	f.Add(valid.Files[1].Data, true)
	f.Add([]byte("passport = 2\nroom = []\nresources = { memory = { max = '1EiB' } }"), true)
	f.Add([]byte("[kernel]\ncommand-line = ['--', 'bay0.', '=']\n[budget]\npids = -1"), false)
	f.Fuzz(func(t *testing.T, text []byte, room bool) {
		files := load(valid)
		name := "system.toml"
		if room {
			name = "web/passport.toml"
		}
		files[name].Data = text
		checked, faults := judge(files)
		if (checked == nil) != faults.HasErrors() {
			t.Fatalf("got %v and\n%s", checked, render(t, faults))
		}
		render(t, faults)
		var b strings.Builder
		if err := faults.WriteJSON(&b); err != nil || !json.Valid([]byte(b.String())) {
			t.Fatalf("error %v in %s", err, b.String())
		}
		for _, d := range faults {
			if d.Code.Title() == "" || !d.Subject.Valid() {
				t.Fatalf("a fault without code or place: %+v", d)
			}
		}
	})
}
