package main_test

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/initrd"
	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/vm"
)

// unit is what one machine is booted with. A test takes the shipped one and
// spoils a part of it; nothing here judges whether the parts agree.
type unit struct {
	bay0, passports []byte
	images          map[string][]byte   // of the policy's rooms
	own             []byte              // the policy's own command line
	commandLine     []byte              // what is booted with; nil: own and the digest of passports
	beside          []byte              // an archive that is unpacked behind the signed one, as the stub does with what it finds
	spoil           func([]byte) []byte // changes the signed archive itself; nil: nothing does
}

// shipped is the unit that `make uki` assembles, compiled once for all tests.
var shipped = sync.OnceValues(func() (unit, error) {
	dir, err := os.MkdirTemp("", "bay0-test-")
	if err != nil {
		return unit{}, err
	}
	defer os.RemoveAll(dir)
	var u unit
	if u.bay0, err = shippedBay0(); err != nil {
		return unit{}, err
	}
	if u.images, err = makeImages(dir); err != nil {
		return unit{}, err
	}
	p, faults, err := compiler.Compile(os.DirFS("../../rooms"), "rooms", compiler.Target{Arch: abi.AArch64, Images: os.DirFS(dir)})
	if err != nil || faults.HasErrors() {
		_ = faults.WriteText(os.Stderr, false)
		return unit{}, err
	}
	u.own = []byte(p.CommandLine)
	u.passports, err = encode.Encode(p)
	return u, err
})

// shippedBay0 is the program that `make build` makes.
var shippedBay0 = sync.OnceValues(func() ([]byte, error) { return buildBay0() })

// buildBay0 builds Bay0 for the machine, with more flags if a test wants another.
func buildBay0(flags ...string) ([]byte, error) { return buildBay0For("arm64", flags...) }

func buildBay0For(goarch string, flags ...string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "bay0-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	command := append([]string{"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid="}, flags...)
	return makeFile(dir, "bay0", []string{"GOOS=linux", "GOARCH=" + goarch, "CGO_ENABLED=0"}, append(command, "-o")...)
}

// makeImages builds the image of every room in the repository into dir.
func makeImages(dir string) (map[string][]byte, error) {
	passports, err := filepath.Glob("../../rooms/*/passport.toml")
	if err != nil {
		return nil, err
	}
	images := map[string][]byte{}
	for _, passport := range passports {
		room := filepath.Base(filepath.Dir(passport))
		images[room], err = makeFile(dir, room+".squashfs", nil, "../../rooms/build-image", filepath.Dir(passport), "aarch64")
		if err != nil {
			return nil, err
		}
	}
	return images, nil
}

// makeFile runs a command that writes the file whose path is its last argument.
func makeFile(dir, name string, env []string, command ...string) ([]byte, error) {
	path := filepath.Join(dir, name)
	cmd := exec.Command(command[0], append(command[1:], path)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func shippedUnit(t testing.TB) unit {
	t.Helper()
	u, err := shipped()
	if err != nil || len(u.passports) == 0 {
		t.Fatalf("cannot build the shipped unit: %v", err)
	}
	u.images = maps.Clone(u.images)
	return u
}

// oneRoom is the shipped unit with the room web alone, on a machine without a
// network. It comes up as far as Bay0 is concerned; what web then misses, it says.
func oneRoom(t *testing.T) unit {
	t.Helper()
	u := shippedUnit(t).edit(t, func(p *policy.Policy) {
		p.Rooms = slices.DeleteFunc(p.Rooms, func(r policy.Room) bool { return r.Name != "web" })
		p.Rooms[0].Sockets = nil
		words := strings.Fields(p.CommandLine)
		words = slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "ip=") })
		p.CommandLine = strings.Join(words, " ")
	})
	u.images = map[string][]byte{"web": u.images["web"]}
	return u
}

// assemble puts the unit behind the real stub and kernel, section by section.
func (u unit) assemble(t testing.TB, parts vm.Parts) string {
	t.Helper()
	ramdisk, err := initrd.Build(initrd.Contents{Bay0: u.bay0, Images: u.images, Passports: u.passports})
	if err != nil {
		t.Fatal(err)
	}
	if u.spoil != nil {
		ramdisk = u.spoil(ramdisk)
	}
	if u.commandLine == nil {
		u.commandLine = u.rightCommandLine()
	}
	stub, err := pe.Read(read(t, parts.Stub))
	if err != nil {
		t.Fatal(err)
	}
	kernel := read(t, parts.Kernel)
	e, err := stub.Extend(int64(len(kernel) + len(ramdisk) + 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	const data, code = 0x40000040, 0x60000020
	for _, s := range []struct {
		name  string
		flags uint32
		bytes []byte
	}{
		{".osrel", data, read(t, "../../rooms/os-release")},
		{".cmdline", data, u.commandLine},
		{".linux", code, kernel},
		{".initrd", data, append(ramdisk, u.beside...)},
	} {
		if err := e.Append(s.name, s.flags, s.bytes); err != nil {
			t.Fatal(err)
		}
	}
	e.ClearNXCompat()
	path := filepath.Join(t.TempDir(), "anchor.efi")
	if err := os.WriteFile(path, e.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// rightCommandLine is what goes with the bytes at hand, be they a policy or not.
func (u unit) rightCommandLine() []byte {
	return blob.AppendCommandLine(nil, u.own, sha256.Sum256(u.passports))
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b)
}

// machine is one that boots the unit, up to Bay0's verdict.
func (u unit) machine(t testing.TB) vm.Machine {
	t.Helper()
	parts, err := vm.FindParts()
	if err != nil {
		t.Fatal(err)
	}
	return vm.Machine{
		Image: u.assemble(t, parts), Firmware: parts.Firmware, Vars: parts.Vars,
		Until: func(line string) bool { _, _, ok := vm.Line{Text: line}.Verdict(); return ok },
	}
}

// boot starts the unit and follows it until Bay0's verdict or the machine's end.
func (u unit) boot(t testing.TB) vm.Result {
	t.Helper()
	result, err := u.machine(t).Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	return result
}

// lines gives what Bay0 or a room has said. Before there is a log, Bay0 speaks to
// the console.
func lines(result vm.Result, source string) (texts []string) {
	for _, line := range result.Lines {
		from, text, ok := line.Message()
		if !ok {
			from, text, _ = strings.Cut(line.Text, ": ")
		}
		if from == source {
			texts = append(texts, text)
		}
	}
	return texts
}

// first gives the first line of a source that starts with prefix, or "".
func first(result vm.Result, source, prefix string) string {
	for _, text := range lines(result, source) {
		if strings.HasPrefix(text, prefix) {
			return text
		}
	}
	return ""
}

// relabel gives a partition of a disk another GPT name.
func relabel(t *testing.T, disk, number, label string) {
	t.Helper()
	if said, err := exec.Command("sfdisk", "--part-label", disk, number, label).CombinedOutput(); err != nil {
		t.Fatalf("sfdisk: %v\n%s", err, said)
	}
}
