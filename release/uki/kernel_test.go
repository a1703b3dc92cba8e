package uki_test

import (
	"strings"
	"testing"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
	"github.com/anchor-os/anchor/release/uki"
)

func TestKernelRelease(t *testing.T) {
	for _, machine := range []uint16{pe.ARM64, pe.AMD64} {
		got, err := uki.KernelRelease(petest.Kernel(machine, "6.12.107+deb13-cloud"))
		if err != nil || got != "6.12.107+deb13-cloud" {
			t.Errorf("machine %#x: got %q and error %v", machine, got, err)
		}
	}
}

func TestKernelReleaseRefuses(t *testing.T) {
	arm := func(text string) []byte { return []byte(strings.Repeat(".", 0x38) + "ARM\x64" + text) }
	x86 := func(at uint16) []byte {
		b := petest.Kernel(pe.AMD64, release)
		petest.Put16(b, 0x20e, at)
		return b
	}
	const banner = "Linux version "
	for _, c := range []struct {
		name   string
		kernel []byte
		want   string
	}{
		{"nothing", nil, `kernel at offset 0x0: neither an arm64 Image nor an x86 bzImage`},
		{"compressed Image", []byte("\x1f\x8b" + strings.Repeat("x", 0x300)), `kernel at offset 0x0: neither an arm64 Image nor an x86 bzImage`},
		{"Image without a banner", arm(""), `kernel at offset 0x3c: no release in an arm64 Image: it has no "Linux version "`},
		{"banner's format only", arm(banner + "%s (%s)"[:2]), `kernel at offset 0x4c: no release in an arm64 Image: it has no "Linux version "`},
		{"banner cut off", arm(banner + "6.12.0"), `kernel at offset 0x50: no release in an arm64 Image: it has no "Linux version "`},
		{"release of 65 bytes", arm(banner + strings.Repeat("6", 65) + " ("), `kernel at offset 0x8d: no release in an arm64 Image: it has no "Linux version "`},
		{"release with a newline", arm(banner + "6.12\n ("), `kernel at offset 0x51: no release in an arm64 Image: it has no "Linux version "`},
		{"two releases", arm(banner + "6.12.0 (x)" + banner + "6.11.0 (x)"), `kernel at offset 0x62: release "6.11.0", before it was "6.12.0"`},
		{"setup header cut off", petest.Kernel(pe.AMD64, release)[:0x20f], `kernel at offset 0x20f: the setup header of a bzImage is cut off`},
		{"no version in the setup header", x86(0), `kernel at offset 0x20e: no release at 0x200, where the setup header points to`},
		{"version outside the file", x86(0xffff), `kernel at offset 0x20e: no release at 0x101ff, where the setup header points to`},
		{"version that is none", x86(0x180), `kernel at offset 0x20e: no release at 0x380, where the setup header points to`},
	} {
		got, err := uki.KernelRelease(c.kernel)
		if got != "" || err == nil || err.Error() != c.want {
			t.Errorf("%s: got %q and error %v, want %s", c.name, got, err, c.want)
		}
	}
}

func TestKernelReleaseOfTheLongest(t *testing.T) {
	want := strings.Repeat("6", 64)
	if got, err := uki.KernelRelease(petest.Kernel(pe.ARM64, want)); got != want {
		t.Errorf("got %q and error %v, want %q", got, err, want)
	}
}
