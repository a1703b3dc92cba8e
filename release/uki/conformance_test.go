package uki_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/anchor-os/anchor/release/uki"
)

// realPart is a file of systemd or of the kernel.
func realPart(t *testing.T, name string) []byte {
	t.Helper()
	dir := cmp.Or(os.Getenv("ANCHOR_PARTS"), "../../out/parts")
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatalf("%v\nhint: `make parts` puts it there; ANCHOR_PARTS names another directory", err)
	}
	return b
}

func realParts(t *testing.T) uki.Parts {
	t.Helper()
	p := parts(t)
	p.Stub = realPart(t, "linuxaa64.efi.stub")
	p.Linux = realPart(t, "Image")
	release, err := uki.KernelRelease(p.Linux)
	if err != nil {
		t.Fatal(err)
	}
	p.Uname = []byte(release)
	return p
}

func TestRealStubAndKernel(t *testing.T) {
	b := assemble(t, realParts(t))
	img, err := uki.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := uki.Verify(img); err != nil {
		t.Error(err)
	}
}

// TestObjdumpSeesTheSameSections compares names, sizes and offsets with what GNU
// objdump lists; it has no second name for .passpor.
func TestObjdumpSeesTheSameSections(t *testing.T) {
	const objdump = "aarch64-linux-gnu-objdump"
	b := assemble(t, realParts(t))
	file := filepath.Join(t.TempDir(), "anchor.efi")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(objdump, "-h", file).Output()
	if err != nil {
		t.Fatalf("%s: %v\nhint: Debian's package binutils-aarch64-linux-gnu has it", objdump, err)
	}
	img, err := uki.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^ +\d+ (\S+) +(\w+) +(\w+) +\w+ +(\w+) `).FindAllStringSubmatch(string(out), -1)
	if len(rows) != len(img.Sections) {
		t.Fatalf("objdump lists %d sections, want %d:\n%s", len(rows), len(img.Sections), out)
	}
	for i, s := range img.Sections {
		want := fmt.Sprintf("%s %#x at %#x in the file", s.Name, s.VirtualSize, s.Offset)
		got := fmt.Sprintf("%s %#x at %#x in the file", rows[i][1], number(t, rows[i][2]), number(t, rows[i][4]))
		if got != want {
			t.Errorf("objdump has %s, want %s", got, want)
		}
	}
}

func number(t *testing.T, digits string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(digits, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
