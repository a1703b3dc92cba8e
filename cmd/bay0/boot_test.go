package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// These tests boot machines: the real kernel, firmware and stub, Bay0 as its
// first program. `make test` provides the parts.

// probeLine is one thing that a room was granted and used, or denied and tried.
var probeLine = regexp.MustCompile(`^(grant|deny) .* (ok|as expected)$`)

// spoiled blobs and command lines, with the one line that Bay0 says before it
// resets the machine.
var refusals = map[string]struct {
	spoil func(t *testing.T, u *unit)
	want  string
}{
	"blob malformed under a digest that matches": {
		func(_ *testing.T, u *unit) {
			u.passports = bytes.Clone(u.passports)
			u.passports[10] = 9
		},
		"refused: cannot decode policy blob: byte 0x8: format version 1.9 is unknown, this reader knows 1.0; reset",
	},
	"blob cut short under a digest that matches": {
		func(_ *testing.T, u *unit) { u.passports = u.passports[:100] },
		"refused: cannot decode policy blob: byte 0x64: the blob ends inside its header of 120 bytes; reset",
	},
	"blob of another digest": {
		func(_ *testing.T, u *unit) {
			u.commandLine = u.rightCommandLine()
			u.passports = append(bytes.Clone(u.passports), 0)
		},
		`refused: cannot trust the policy: its digest is OTHER, the kernel command line says "DIGEST"; reset`,
	},
	"command line without a digest": {
		func(_ *testing.T, u *unit) {
			u.commandLine = []byte("console=ttyAMA0 rdinit=/bin/bay0 init=/bin/bay0 --")
		},
		"refused: cannot trust the policy: the kernel command line has no bay0.passports=sha256:; reset",
	},
	"command line with a parameter more": {
		func(_ *testing.T, u *unit) {
			u.commandLine = append([]byte("nokaslr "), u.rightCommandLine()...)
		},
		`refused: cannot accept the kernel command line: it has "nokaslr ", where the policy wants "console=ttyAMA0 "; reset`,
	},
	"argument behind the double dash": {
		func(_ *testing.T, u *unit) {
			u.commandLine = append(u.rightCommandLine(), " rdinit=/evil"...)
		},
		`refused: cannot accept arguments: ["rdinit=/evil"]; reset`,
	},
	"image of another digest": {
		func(_ *testing.T, u *unit) { u.images["web"] = append(bytes.Clone(u.images["web"]), 0) },
		"refused: cannot mount the image of room web: it has MORE bytes with digest IMAGE2, the policy wants SIZE with IMAGE; reset",
	},
	"weakened sysctl": {
		func(t *testing.T, u *unit) {
			*u = u.edit(t, parameter("sysctl.kernel.kptr_restrict=0")).edit(t, invariant(hiddenPointers))
		},
		`refused: cannot accept /proc/sys/kernel/kptr_restrict: it is "0", the policy wants 2; reset`,
	},
	"tainted kernel": {
		func(t *testing.T, u *unit) {
			*u = u.edit(t, parameter("sysctl.kernel.tainted=64")).edit(t, invariant(
				policy.Invariant{Path: "/proc/sys/kernel/tainted", Kind: abi.InvariantRange}))
		},
		`refused: cannot accept /proc/sys/kernel/tainted: it is "64", the policy wants 0; reset`,
	},
	"lockdown that is not the kernel's": {
		func(t *testing.T, u *unit) {
			*u = u.edit(t, invariant(policy.Invariant{
				Path: "/sys/kernel/security/lockdown", Text: "none [integrity] confidentiality"}))
		},
		`refused: cannot accept /sys/kernel/security/lockdown: it is "none integrity [confidentiality]", the policy wants "none [integrity] confidentiality"; reset`,
	},
	"credential that lay beside the image": {
		func(_ *testing.T, u *unit) {
			u.beside = archive(entry{"/.extra", 0o040555, ""}, entry{"/.extra/credentials", 0o040500, ""},
				entry{"/.extra/credentials/network.cred", 0o100400, "x"})
		},
		"refused: cannot accept the initramfs: /.extra/credentials: nothing of that name belongs there; reset",
	},
	"other program in the place of Bay0's": {
		func(_ *testing.T, u *unit) { u.beside = archive(entry{"/bin/sh", 0o100755, "#!"}) },
		"refused: cannot accept the initramfs: /bin/sh: nothing of that name belongs there; reset",
	},
	"policy that anybody could write to": {
		func(_ *testing.T, u *unit) { u.beside = archive(entry{"/.passports", 0o100644, string(u.passports)}) },
		"refused: cannot accept the initramfs: /.passports: it has mode 0o100644, want 0o100444; reset",
	},
	"image of no room": {
		func(_ *testing.T, u *unit) { u.beside = archive(entry{"/images/evil.squashfs", 0o100444, "hsqs"}) },
		"refused: cannot accept 2 images for 1 rooms; reset",
	},
	"policy for another machine": {
		func(t *testing.T, u *unit) {
			u.passports = bytes.Clone(u.passports)
			u.passports[12] = 62
		},
		"refused: cannot enforce a policy for x86_64 on aarch64; reset",
	},
	"newer Landlock": {
		func(t *testing.T, u *unit) { u.passports = withLandlockABI(t, u.passports, 99) },
		"refused: cannot enforce the policy: the kernel has Landlock ABI 6, the policy needs 99; reset",
	},
	"policy without images": {
		func(t *testing.T, u *unit) {
			*u = u.edit(t, func(p *policy.Policy) { p.Rooms[0].Image = policy.Image{} })
		},
		"refused: cannot mount the image of room web: it has SIZE bytes with digest IMAGE, the policy wants 0 with " + strings.Repeat("0", 64) + "; reset",
	},
}

// withLandlockABI changes the one word of the header that says which ABI is needed: the
// encoder takes none that no kernel has yet.
func withLandlockABI(t *testing.T, passports []byte, needed uint32) []byte {
	const header = 120
	for at := 0; at+4 <= header; at += 4 {
		b := bytes.Clone(passports)
		binary.LittleEndian.PutUint32(b[at:], needed)
		if v, err := blob.Decode(b); err == nil && v.LandlockABI() == needed {
			return b
		}
	}
	t.Fatal("the header has no Landlock ABI")
	return nil
}

// hiddenPointers is an invariant that the kernel holds if it is told to.
var hiddenPointers = policy.Invariant{Path: "/proc/sys/kernel/kptr_restrict", Kind: abi.InvariantRange, Min: 2, Max: 2}

// invariant makes one the only one.
func invariant(i policy.Invariant) func(*policy.Policy) {
	return func(p *policy.Policy) { p.Invariants = []policy.Invariant{i} }
}

// parameter appends one to the kernel's command line, with the policy's consent.
func parameter(word string) func(*policy.Policy) {
	return func(p *policy.Policy) { p.CommandLine += " " + word }
}

// entry is a member of a newc archive (kernel: buffer-format.rst); S_IFMT is part
// of its mode.
type entry struct {
	path string
	mode uint32
	data string
}

// archive writes one of any entries: release/initrd writes no others than Bay0
// accepts.
func archive(entries ...entry) []byte {
	var b bytes.Buffer
	pad := func() { b.Write(make([]byte, -b.Len()&3)) }
	for i, e := range append(entries, entry{path: "TRAILER!!!"}) {
		name := strings.TrimPrefix(e.path, "/") + "\x00"
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s",
			i+1, e.mode, 0, 0, 1, 0, len(e.data), 0, 0, 0, 0, len(name), 0, name)
		pad()
		b.WriteString(e.data)
		pad()
	}
	return b.Bytes()
}

// Nothing was started in any of these cases: no room says a word, and Bay0 says
// nothing of one.
func TestBay0Refuses(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := oneRoom(t)
			good := u
			good.images = maps.Clone(u.images)
			c.spoil(t, &u)
			result := u.boot(t)
			if result.Ending != vm.Reset {
				t.Errorf("the machine ended by %v, want a reset", result.Ending)
			}
			if diff := cmp.Diff(fillIn(t, c.want, good, u), first(result, "bay0", "refused: ")); diff != "" {
				t.Errorf("%s\n%s", diff, result.Text())
			}
			started := append(lines(result, "web"), first(result, "bay0", "room ")+first(result, "bay0", "verdict"))
			if diff := cmp.Diff([]string{""}, started); diff != "" {
				t.Errorf("something was started: %s", diff)
			}
		})
	}
}

// fillIn puts numbers that depend on the build into a message.
func fillIn(t *testing.T, message string, good, spoiled unit) string {
	hash := func(b []byte) string { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) }
	return strings.NewReplacer(
		"OTHER", hash(spoiled.passports),
		"DIGEST", hash(good.passports),
		"MORE", fmt.Sprint(len(spoiled.images["web"])),
		"IMAGE2", hash(spoiled.images["web"]),
		"SIZE", fmt.Sprint(len(good.images["web"])),
		"IMAGE", hash(good.images["web"]),
	).Replace(message)
}
