package anchor

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a newcomer's `make demo` shows of a boot: a row for each folder in rooms/ that has a passport, all
// of them ready. The second boot finds the disk and the TPM of the first, and one room more: the one that
// `passportc new` has made meanwhile. Once that is removed again, the machine is what it was.
func TestDemoShowsEveryRoomReady(t *testing.T) {
	dir := buildCheckout(t, "demo", "022")
	shipped := roomFolders(t, dir)
	checkDemo(t, dir, shipped)
	image := filepath.Join(dir, "out/anchor.efi")
	before := readFile(t, image)
	run(t, dir, nil, "bin/passportc", "new", "x")
	const file, script = "rooms/reader/root/etc/more", "rooms/reader/root/etc/reader"
	run(t, dir, nil, "sh", "-c", "echo more >"+file+" && chmod a+x "+script)
	checkDemo(t, dir, append(shipped, "x"))
	with := readFile(t, image)
	run(t, dir, nil, "sh", "-c", "rm -r rooms/x "+file+" && chmod a-x "+script)
	run(t, dir, nil, "make", "uki")
	if after := readFile(t, image); !bytes.Equal(before, after) {
		t.Errorf("the image had %d bytes, with the room x %d, and without it again it is another, of %d", len(before), len(with), len(after))
	}
}

func roomFolders(t *testing.T, dir string) (rooms []string) {
	t.Helper()
	passports, err := filepath.Glob(filepath.Join(dir, "rooms/*/passport.toml"))
	if err != nil || len(passports) == 0 {
		t.Fatalf("%d passports found: %v", len(passports), err)
	}
	for _, passport := range passports {
		rooms = append(rooms, filepath.Base(filepath.Dir(passport)))
	}
	return rooms
}

// readyRow is a row of the table in which a room is ready.
var readyRow = regexp.MustCompile(`(?m)^([a-z0-9-]+) +ready .*\d s$`)

func checkDemo(t *testing.T, dir string, rooms []string) {
	t.Helper()
	run(t, dir, nil, "sh", "-c", "make boot >boot.log 2>&1 || { cat boot.log; exit 1; }")
	log := string(readFile(t, filepath.Join(dir, "boot.log")))
	var got []string
	for _, m := range readyRow.FindAllStringSubmatch(log, -1) {
		got = append(got, m[1])
	}
	slices.Sort(rooms)
	if diff := cmp.Diff(rooms, got); diff != "" {
		t.Errorf("%s\n%s", diff, log)
	}
}
