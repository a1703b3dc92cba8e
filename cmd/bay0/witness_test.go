package main_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/vm"
)

// witnesses is the unit of the rooms in testdata/rooms, compiled once for all
// tests. All of them run one program, whose arguments say how a room lives.
var witnesses = sync.OnceValues(func() (unit, error) {
	dir, err := os.MkdirTemp("", "bay0-test-")
	if err != nil {
		return unit{}, err
	}
	defer os.RemoveAll(dir)
	u := unit{images: map[string][]byte{}}
	if u.bay0, err = shippedBay0(); err != nil {
		return unit{}, err
	}
	image, err := makeFile(dir, "witness.squashfs", nil, "../../rooms/build-image", "testdata/witness", "aarch64")
	if err != nil {
		return unit{}, err
	}
	passports, err := filepath.Glob("testdata/rooms/*/passport.toml")
	if err != nil {
		return unit{}, err
	}
	files := fstest.MapFS{}
	for _, passport := range passports {
		room := filepath.Base(filepath.Dir(passport))
		u.images[room], files[room+".squashfs"] = image, &fstest.MapFile{Data: image}
	}
	p, faults, err := compiler.Compile(os.DirFS("testdata/rooms"), "rooms", compiler.Target{Arch: abi.AArch64, Images: files})
	if err != nil {
		return unit{}, err
	}
	var said bytes.Buffer
	if err := faults.WriteText(&said, false); err != nil || faults.HasErrors() {
		return unit{}, errors.Join(err, errors.New(said.String()))
	}
	u.passports, err = encode.Encode(p)
	return u, err
})

// witnessUnit is a machine with some of the rooms in testdata/rooms, changed as
// the test wants.
func witnessUnit(t testing.TB, rooms []string, change func(*policy.Policy)) unit {
	t.Helper()
	u, err := witnesses()
	if err != nil {
		t.Fatalf("cannot build the witnesses: %v", err)
	}
	u.images = maps.Clone(u.images)
	maps.DeleteFunc(u.images, func(name string, _ []byte) bool { return !slices.Contains(rooms, name) })
	return u.edit(t, func(p *policy.Policy) {
		p.Rooms = slices.DeleteFunc(p.Rooms, func(r policy.Room) bool { return !slices.Contains(rooms, r.Name) })
		change(p)
	})
}

// witnessRoom is a room of a policy, to be changed.
func witnessRoom(t testing.TB, p *policy.Policy, name string) *policy.Room {
	t.Helper()
	i := slices.IndexFunc(p.Rooms, func(r policy.Room) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("the policy has no room %s", name)
	}
	return &p.Rooms[i]
}

// mute makes a room one that is ready once its program runs.
func mute(r *policy.Room) {
	r.Notify = false
	r.Binds = slices.DeleteFunc(slices.Clone(r.Binds), func(b policy.Bind) bool { return b.Target == policy.NotifyTarget })
}

var readyIn = regexp.MustCompile(`^ready in \d+ ms$`)

// life is what Bay0 has said of a room, without how long it took and how much
// memory it has.
func life(result vm.Result, room string) (texts []string) {
	for _, text := range lines(result, "bay0") {
		text, of := strings.CutPrefix(text, "room "+room+": ")
		if !of || text == "starting" || strings.HasPrefix(text, "memory ") {
			continue
		}
		texts = append(texts, readyIn.ReplaceAllString(text, "ready"))
	}
	return texts
}

// stamps are when Bay0 said the lines that start with prefix, by the kernel's
// clock.
func stamps(t testing.TB, result vm.Result, prefix string) (all []time.Duration) {
	t.Helper()
	for _, line := range result.Lines {
		source, text, _ := line.Message()
		if source != "bay0" || !strings.HasPrefix(text, prefix) {
			continue
		}
		seconds, _, _ := strings.Cut(strings.TrimLeft(line.Text, "[ "), "]")
		stamp, err := time.ParseDuration(seconds + "s")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stamp)
	}
	return all
}
