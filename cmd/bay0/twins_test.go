package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/policy/probes"
	"github.com/anchor-os/anchor/release/vm"
)

// A twinned unit is a machine whose rooms all run program/twins: each carries out
// the probes that were derived from its policy.

// twinsPolicy compiles the rooms in testdata/twins. What depends on the images has
// no say in what is to be tried.
var twinsPolicy = sync.OnceValues(func() (policy.Policy, error) {
	p, faults, err := compiler.Compile(os.DirFS("testdata/twins/rooms"), "rooms", compiler.Target{Arch: abi.AArch64})
	if err != nil {
		return p, err
	}
	if faults.HasErrors() {
		var said bytes.Buffer
		return p, errors.Join(faults.WriteText(&said, false), errors.New(said.String()))
	}
	for i := range p.Rooms {
		p.Rooms[i].Log = abi.LogLimit{Burst: 10_000, PerSecond: 10_000} // a line for each probe
	}
	return p, nil
})

// twinsProgram is what all the rooms run.
var twinsProgram = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "bay0-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return makeFile(dir, "twins", []string{"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"},
		"go", "build", "-C", "../../program/twins", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o")
})

// twin makes the unit of a policy, with the list of each room in the image that
// all of them share.
func twin(p policy.Policy) (u unit, rooms []probes.Room, err error) {
	if rooms, err = probes.Derive(p); err != nil {
		return u, nil, err
	}
	onlyOwn(rooms)
	image, err := twinsImage(rooms)
	if err != nil {
		return u, nil, err
	}
	u.images = map[string][]byte{}
	for i := range p.Rooms {
		p.Rooms[i].Image = policy.Image{Size: uint64(len(image)), SHA256: sha256.Sum256(image)}
		u.images[p.Rooms[i].Name] = image
	}
	u.own = []byte(p.CommandLine)
	if u.passports, err = encode.Encode(p); err != nil {
		return u, nil, err
	}
	u.bay0, err = shippedBay0()
	return u, rooms, err
}

// onlyOwn leaves out of a room's probes the sockets that mutation_test.go gives to
// others, of which there are many.
func onlyOwn(rooms []probes.Room) {
	for i := range rooms {
		rooms[i].Twins = slices.DeleteFunc(rooms[i].Twins, func(t probes.Twin) bool {
			return t.Neighbour != nil && t.Neighbour.Kind == probes.Connect && strings.Contains(t.Neighbour.Args[1], "own-m")
		})
	}
}

func twinsImage(rooms []probes.Room) ([]byte, error) {
	dir, err := os.MkdirTemp("", "bay0-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program, err := twinsProgram()
	if err != nil {
		return nil, err
	}
	source := filepath.Join(dir, "twins")
	if out, err := exec.Command("cp", "-a", "testdata/twins", source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	files := map[string][]byte{"bin/twins": program}
	for _, r := range rooms {
		if files["etc/twins/"+r.Name+".json"], err = json.Marshal(r); err != nil {
			return nil, err
		}
	}
	for name, content := range files {
		path := filepath.Join(source, "root", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, content, 0o755); err != nil {
			return nil, err
		}
	}
	return makeFile(dir, "twins.squashfs", nil, "../../rooms/build-image", source, "aarch64")
}

// outcome is what came of one half of a twin.
type outcome struct {
	room      string
	twin      int
	neighbour bool
}

var (
	twinLine = regexp.MustCompile(`^twin (\d+) (granted|neighbour) (.*)$`)
	endLine  = regexp.MustCompile(`^twins: \d+ tried, (\d+) not as the policy says$`)
)

// outcomes are what the rooms have said of their probes.
func outcomes(result vm.Result) map[outcome]string {
	all := map[outcome]string{}
	for _, line := range result.Lines {
		room, text, ok := line.Message()
		if !ok {
			continue
		}
		if m := twinLine.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[1]) // its digits were matched
			all[outcome{room, n, m[2] == "neighbour"}] = m[3]
		}
	}
	return all
}

// allSaid ends a run when Bay0 has given its verdict and so many rooms have come to
// the end of their lists.
func allSaid(rooms int) func(line string) bool {
	verdict, ended := false, map[string]bool{}
	return func(line string) bool {
		if _, _, ok := (vm.Line{Text: line}).Verdict(); ok {
			verdict = true
		}
		if room, text, ok := (vm.Line{Text: line}).Message(); ok && endLine.MatchString(text) {
			ended[room] = true
		}
		return verdict && len(ended) == rooms
	}
}
