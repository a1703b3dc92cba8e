package nix

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFlake is the flake under a real Nix: what it has, what it builds, that it builds the same twice and the
// same as make, what is built again after a change, and what it refuses.
func TestFlake(t *testing.T) {
	l := newLab(t)
	defer l.table(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *lab)
	}{
		{"the outputs", outputs},
		{"the lock fits flake.nix without network", metadata},
		{"what is built", builds},
		{"the same bytes as make", sameAsMake},
		{"the bill of materials", bill},
		{"what a change builds again", changes},
		{"a new room", newRoom},
		{"the checks", checks},
		{"every gate", everyGate},
		{"the shell", shell},
		{"the formatter", formats},
		{"the commands of docs/NIX.md", document},
		{"refused", refuses},
	} {
		if !t.Run(test.name, func(t *testing.T) { test.run(t, l) }) && test.name == "what is built" {
			t.FailNow() // what follows builds on it
		}
	}
}

// outputs: both systems have the same, and of everything what was promised.
func outputs(t *testing.T, l *lab) {
	var got map[string]map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(l.must(t, l.tree, l.call("flake show", "--all-systems", "--json")...)), &got); err != nil {
		t.Fatal(err)
	}
	both := func(names ...string) map[string][]string {
		return map[string][]string{"aarch64-linux": names, "x86_64-linux": names}
	}
	want := map[string]map[string][]string{
		"packages":  both("bay0", "default", "initrd", "kernel", "passportc", "passports", "roomImages", "uki"),
		"checks":    both(checkNames...),
		"devShells": both("default"),
	}
	for output, systems := range want {
		for system, names := range systems {
			var found []string
			for name := range got[output][system] {
				found = append(found, name)
			}
			slices.Sort(found)
			if diff := cmp.Diff(names, found); diff != "" {
				t.Errorf("%s.%s (-want +got)\n%s", output, system, diff)
			}
		}
	}
	rooms, err := filepath.Glob(filepath.Join(l.tree, "rooms/*/passport.toml"))
	if err != nil || len(rooms) < 4 {
		t.Fatal(rooms, err)
	}
	for _, passport := range rooms {
		room := filepath.Base(filepath.Dir(passport))
		l.must(t, l.tree, l.call("eval", ".#roomImages."+room+".drvPath")...)
	}
	l.note("flake show", "both systems", "packages, checks, shell, formatter")
}

// metadata needs no network only if the lock says all that flake.nix asks for.
func metadata(t *testing.T, l *lab) {
	var got struct {
		Locks struct {
			Nodes map[string]struct{ Locked struct{ Rev, NarHash string } }
		}
	}
	if err := json.Unmarshal([]byte(l.must(t, l.tree, l.alone("flake", "metadata", "--no-update-lock-file", "--json")...)), &got); err != nil {
		t.Fatal(err)
	}
	locked := got.Locks.Nodes["nixpkgs"].Locked
	if locked.Rev != "8eeec934ae0dbeca3d7868c059568a65c08b2fc3" || locked.NarHash != "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=" {
		t.Errorf("nixpkgs is locked to %+v", locked)
	}
	l.note("flake metadata", "flake.lock", "fits flake.nix, read without network")
}

// builds builds every package for AArch64, once and once more: Nix compares the bytes. On a builder for
// AArch64 there is what needs no program for AArch64 to run.
func builds(t *testing.T, l *lab) {
	keep(t, l)
	l.must(t, l.tree, l.alone("store", "gc")...) // what else an earlier run has left proves nothing
	for _, what := range []string{"passportc", "bay0", "kernel", "roomImages", "passports", "initrd", "uki"} {
		once := timed(func() { l.build(t, what) })
		twice := timed(func() { l.build(t, what, "--rebuild") })
		l.note("build", what, once+", again "+twice+": identical")
	}
	for _, room := range []string{"web", "work", "reader", "vault-access"} { // the package of all holds links alone
		twice := timed(func() { l.build(t, "roomImages."+room, "--rebuild") })
		l.note("build", "roomImages."+room, "again "+twice+": identical")
	}
	for _, what := range []string{"bay0", "roomImages"} {
		l.note("build", "packages.aarch64-linux."+what, timed(func() { l.build(t, "packages.aarch64-linux."+what) }))
	}
	for _, what := range []string{"passportc", "kernel", "passports", "initrd", "uki"} {
		l.must(t, l.tree, l.call("eval", ".#packages.aarch64-linux."+what+".drvPath")...)
	}
}

// keep keeps what is the same in every run: Go's own packages and those of the modules, compiled.
func keep(t *testing.T, l *lab) {
	t.Helper()
	for name, what := range map[string]string{"standard": "bay0.standard", "vendor": "passportc.compiled"} {
		l.must(t, l.tree, l.call("build", "--out-link", filepath.Join(l.store(), "kept-"+name), ".#"+what)...)
	}
}

// sameAsMake: of the same sources, stub, kernel and tools make and Nix give one image.
func sameAsMake(t *testing.T, l *lab) {
	l.must(t, l.tree, "make", "build", "uki")
	for made, built := range map[string]string{
		"bin/bay0-arm64": "bay0!bin/bay0", "out/images/web.squashfs": "roomImages!web.squashfs",
		"out/images/reader.squashfs": "roomImages!reader.squashfs", "out/passports.bin": "passports!passports.bin",
		"out/initrd": "initrd!initrd", "out/anchor.efi": "uki!anchor.efi",
	} {
		what, file, _ := strings.Cut(built, "!")
		if a, b := read(t, filepath.Join(l.tree, made)), l.read(t, what, file); !bytes.Equal(a, b) {
			t.Errorf("%s: make's has %d bytes, Nix's %d, and they differ", made, len(a), len(b))
		}
	}
	l.note("make uki", "out/anchor.efi", "the same bytes as nix build .#uki")
}

// read gives a file of what was built. Links in it lead to Nix's store.
func (l *lab) read(t *testing.T, what, file string) []byte {
	t.Helper()
	path := filepath.Join(l.build(t, what), file)
	if to, err := os.Readlink(path); err == nil {
		path = filepath.Join(l.store(), to)
	}
	return read(t, path)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return text
}

// bill: the gate reads the bill that the build writes.
func bill(t *testing.T, l *lab) {
	bom := filepath.Join(l.build(t, "uki"), "bom.json")
	said := l.must(t, l.tree, filepath.Join(l.build(t, "passportc"), "bin/passportc"), "gate", "lock", "--bom", bom, "--base-bom", bom)
	if !strings.Contains(said, "no faults") {
		t.Error(said)
	}
	var got map[string]string
	if err := json.Unmarshal(read(t, bom), &got); err != nil || len(got) != 4 {
		t.Error(err, got)
	}
	l.note("gate lock --bom", "result/bom.json", "kernel "+got["kernel"]+", stub "+got["stub"]+", go "+got["go"]+", squashfs-tools "+got["squashfs-tools"])
}

// toBuild is a line of what Nix would build.
var toBuild = regexp.MustCompile(`(?m)^  /nix/store/[a-z0-9]{32}-(.*)\.drv$`)

// changes: what is built again is what the change can change, and nothing else.
func changes(t *testing.T, l *lab) {
	for _, change := range []struct {
		file, old, new string
		want           []string
	}{
		{"docs/ROOMS.md", "A room is", "A  room is", nil},
		{"cmd/passportc/main_test.go", "package main", "package main // as before", nil},
		{"rooms/web/passport.toml", `"--greeting", "hello"`, `"--greeting", "good morning"`, []string{"initrd", "passports", "uki"}},
		{
			"rooms/work/program/main.go", "package main", "package main\n\nvar _ = 1",
			[]string{"initrd", "passports", "room-images", "room-work-1", "uki", "work.squashfs"},
		},
		{"cmd/bay0/main.go", "package main", "package main\n\nvar _ = 1", []string{"bay0-1", "initrd", "uki"}},
		{"kernel/patches/0005-panic-do-not-start-tainted.patch", "From", "from", []string{"linux-6.12.107", "uki"}},
	} {
		t.Run(change.file, func(t *testing.T) {
			l.edit(t, change.file, change.old, change.new)
			_, said, err := l.run(l.tree, l.call("build", "--dry-run", ".#uki")...)
			if err != nil {
				t.Fatal(err, said)
			}
			var got []string
			for _, m := range toBuild.FindAllStringSubmatch(said, -1) {
				got = append(got, m[1])
			}
			slices.Sort(got)
			if diff := cmp.Diff(change.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, said)
			}
			l.note("changed", change.file, "builds again: "+strings.Join(append(got, "nothing else"), ", "))
		})
	}
}

// newRoom: a room that passportc makes builds at once.
func newRoom(t *testing.T, l *lab) {
	l.room(t, "mail")
	took := timed(func() { l.build(t, "roomImages.mail") })
	l.build(t, "passports")
	l.note("passportc new", "roomImages.mail", took)
}
