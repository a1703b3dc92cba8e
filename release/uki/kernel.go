package uki

import (
	"bytes"
	"encoding/binary"

	"github.com/anchor-os/anchor/release/pe"
)

// Marks of a kernel's own header.
const (
	armMagic   = "ARM\x64" // kernel: Documentation/arch/arm64/booting.rst
	armMagicAt = 0x38

	x86Magic     = "HdrS" // kernel: Documentation/arch/x86/boot.rst
	x86MagicAt   = 0x202
	x86VersionAt = 0x20e // u16: where the version stands, from x86Setup on
	x86Setup     = 0x200

	banner     = "Linux version " // init/version-timestamp.c
	maxRelease = 64               // __NEW_UTS_LEN
)

// checkKernel demands a kernel that firmware of the stub's machine can start, for
// that is how the stub starts it, and whose release can be told.
func checkKernel(machine uint16, p Parts) error {
	f, err := pe.Read(p.Linux)
	if err != nil {
		return err
	}
	if err := f.Starts(machine); err != nil {
		return err
	}
	_, err = KernelRelease(p.Linux)
	return err
}

// checkUname compares .uname, by which tools sort images, with the kernel.
func checkUname(_ uint16, p Parts) error {
	release, err := KernelRelease(p.Linux)
	if err != nil {
		return err
	}
	if string(p.Uname) != release {
		return broken("release", 0, "%q, the kernel is %q", p.Uname, release)
	}
	return nil
}

// KernelRelease is the release of a kernel, what `uname -r` prints on it: of an
// uncompressed arm64 Image or an x86 bzImage. Every error is a *LawError with an
// offset in the kernel. It takes time in proportion to the kernel.
func KernelRelease(linux []byte) (string, error) {
	switch {
	case marked(linux, armMagicAt, armMagic):
		return bannerRelease(linux)
	case marked(linux, x86MagicAt, x86Magic):
		return headerRelease(linux)
	}
	return "", broken("kernel", 0, "neither an arm64 Image nor an x86 bzImage")
}

func marked(b []byte, at int, magic string) bool {
	return len(b) >= at && bytes.HasPrefix(b[at:], []byte(magic))
}

// bannerRelease finds the banner that the kernel prints when it starts, which
// stands in an Image more than once.
func bannerRelease(linux []byte) (string, error) {
	release := ""
	for at := 0; ; {
		i := bytes.Index(linux[at:], []byte(banner))
		if i < 0 {
			break
		}
		at += i + len(banner)
		switch found := firstWord(linux[at:]); {
		case found == "":
			continue
		case release == "":
			release = found
		case release != found:
			return "", broken("kernel", at, "release %q, before it was %q", found, release)
		}
	}
	if release == "" {
		return "", broken("kernel", len(linux), "no release in an arm64 Image: it has no %q", banner)
	}
	return release, nil
}

// headerRelease reads the version that the setup header points to.
func headerRelease(linux []byte) (string, error) {
	if len(linux) < x86VersionAt+2 {
		return "", broken("kernel", len(linux), "the setup header of a bzImage is cut off")
	}
	at := x86Setup + int(binary.LittleEndian.Uint16(linux[x86VersionAt:]))
	release := ""
	if at > x86Setup && at < len(linux) {
		release = firstWord(linux[at:])
	}
	if release == "" {
		return "", broken("kernel", x86VersionAt, "no release at %#x, where the setup header points to", at)
	}
	return release, nil
}

// firstWord is the release before " (", as both forms have it; else empty.
func firstWord(b []byte) string {
	b = b[:min(len(b), maxRelease+2)]
	end := bytes.Index(b, []byte(" ("))
	if end < 1 || bytes.IndexFunc(b[:end], func(c rune) bool { return c == ' ' || notPrintable(c) }) >= 0 {
		return ""
	}
	return string(b[:end])
}
