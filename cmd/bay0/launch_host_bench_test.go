package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/encode"
)

// BenchmarkLaunchOnHost is BenchmarkLaunch on this host's processor and kernel, by the
// launcher and the stage themselves. As a host's cgroups are its own, and may be those
// of version 1, the room has no limits here, nor has what it is compared with.
func BenchmarkLaunchOnHost(b *testing.B) {
	if os.Getuid() != 0 {
		b.Fatal("cannot launch rooms on this host: that takes root")
	}
	root := b.TempDir()
	if err := layOutHost(root); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var complaint bytes.Buffer
		compare := exec.Command(filepath.Join(root, abi.Bay0Path), "compare-here", root, strconv.Itoa(launches))
		compare.Stderr = &complaint
		out, err := compare.Output()
		if err != nil {
			b.Fatalf("%v\n%s%s", err, out, &complaint)
		}
		var texts []string
		for line := range strings.Lines(string(out)) {
			text, of := strings.CutPrefix(strings.TrimSpace(line), "<5>launch: ")
			if !of {
				b.Fatalf("%q", line)
			}
			texts = append(texts, text)
		}
		reportLaunches(b, parseLaunches(b, texts))
	}
	b.ReportMetric(0, "ns/op") // how long the whole takes says nothing
}

// layOutHost makes a root as a machine's, with the room "beside" and a Bay0 that
// compares.
func layOutHost(root string) error {
	for _, dir := range []string{path.Dir(abi.Bay0Path), "/dev", "/proc", "/sys", abi.RoomRoot, path.Dir(abi.ImageMount("beside"))} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	arch := map[string]abi.Arch{"amd64": abi.X8664, "arm64": abi.AArch64}[runtime.GOARCH]
	bay0, err := comparingBay0(runtime.GOARCH)
	if err != nil {
		return err
	}
	passports, err := besidePolicy(arch)
	if err != nil {
		return err
	}
	image := filepath.Join(root, abi.ImageMount("beside"))
	packed := filepath.Join(root, "image")
	return errors.Join(
		os.WriteFile(filepath.Join(root, abi.Bay0Path), bay0, 0o555),
		os.WriteFile(filepath.Join(root, abi.PassportsPath), passports, 0o444),
		runTool("../../rooms/build-image", "testdata/launch/beside", arch.String(), packed),
		runTool("unsquashfs", "-q", "-n", "-d", image, packed),
		unlimit(filepath.Join(image, "bundle", "config.json")),
	)
}

// unlimit takes the limits out of what runc is told.
func unlimit(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		return err
	}
	linux, _ := whole["linux"].(map[string]any)
	delete(linux, "resources")
	if text, err = json.Marshal(whole); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func runTool(command string, args ...string) error {
	out, err := exec.Command(command, args...).CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(string(out)))
	}
	return nil
}

// comparingBay0 is Bay0 without limits for rooms, and with a way in for comparisons.
func comparingBay0(goarch string) ([]byte, error) {
	const main, cgroup = "main.go", "internal/launch/cgroup.go"
	s := sources{}
	err := errors.Join(
		s.take(main), s.take(cgroup),
		s.add("internal/launch/launch.go", "testdata/launch/launcher.go"),
		s.add("internal/launch/host.go", "testdata/launch/host.go"),
	)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		s.insert(main, "	case os.Getpid() == 1:\n", `	case len(os.Args) == 4 && os.Args[1] == "compare-here":
		times := 0
		if _, err := fmt.Sscan(os.Args[3], &times); err != nil {
			fail(err)
		}
		if err := launch.CompareHere(os.Args[2], times); err != nil {
			fail(err)
		}
`),
		s.insert(cgroup, "	err := os.WriteFile(cgroupRoot+", "	return nil\n"),
		s.insert(cgroup, "	dir := cgroupOf(r)\n	_ = os.Remove(dir)", "	return unix.Open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC, 0)\n"),
	)
	if err != nil {
		return nil, err
	}
	return s.buildFor(goarch)
}

// besidePolicy is the policy of the one room.
func besidePolicy(arch abi.Arch) ([]byte, error) {
	p, faults, err := compiler.Compile(os.DirFS("testdata/rooms"), "rooms", compiler.Target{Arch: arch})
	if err != nil || faults.HasErrors() {
		_ = faults.WriteText(os.Stderr, false)
		return nil, errors.Join(err, errors.New("cannot compile the passports of testdata/rooms"))
	}
	p.Rooms = slices.DeleteFunc(p.Rooms, func(r policy.Room) bool { return r.Name != "vital" })
	r := &p.Rooms[0]
	r.Name, r.Argv = "beside", []string{"/bin/true"}
	mute(r)
	return encode.Encode(p)
}
