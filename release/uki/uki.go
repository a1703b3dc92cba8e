// Package uki assembles, reads and verifies unified kernel images: systemd's EFI
// stub with the kernel, its command line, the initrd and the passports in
// sections of their own.
//
//	image = stub's sections .osrel .cmdline .uname .linux .initrd .passpor
//
// The law of such an image is that of package pe, these sections in this order
// and no others, and that they agree with each other: the command line starts
// Bay0 and carries the digest of the passports, the initrd ends with a copy of
// them, kernel, stub and .uname are of one machine and one release. Assemble
// makes nothing else, Read and Verify accept nothing else.
//
// A section's name has 8 bytes on disk, so the passports' section, .passports, is
// .passpor there; docs/adr/0001-section-name.md has the reasons.
//
// Source: systemd-stub(7); UAPI Group, "Unified Kernel Image".
package uki

import (
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/pe"
)

// Parts is what an image is assembled of, as bytes of files. None may be empty.
type Parts struct {
	Stub        []byte // systemd's EFI stub, 257 or later, unsigned
	OSRelease   []byte // os-release(5)
	CommandLine []byte // whole, as the kernel gets it
	Uname       []byte // release of the kernel, without a newline
	Linux       []byte // the kernel: an arm64 Image or an x86 bzImage
	Initrd      []byte // of package initrd
	Passports   []byte // the policy blob
}

// Image is an image that was read.
type Image struct {
	Parts    // what it was assembled of; Stub is nil
	Arch     abi.Arch
	Signed   bool      // has signatures, of which nothing was verified
	Sections []Section // in the file's order

	machine uint16 // that of Arch, as the headers have it
}

// Section is a section of an image. Sizes are in bytes.
type Section struct {
	Name           string // on disk
	Logical        string // Name, but .passports for .passpor
	Offset         int64  // in the file
	Size           int64  // in the file, with padding
	VirtualAddress int64
	VirtualSize    int64
	SHA256         [32]byte // of the VirtualSize bytes of contents
}

// LawError is a broken clause of the law of an image and its offset: in the file
// where a file was read, in the part where an image was assembled.
type LawError = pe.LawError

func broken(clause string, offset int, format string, a ...any) error {
	return &LawError{Clause: clause, Offset: int64(offset), Detail: fmt.Sprintf(format, a...)}
}

// The sections behind the stub's, by their names on disk.
const (
	osrel     = ".osrel"
	cmdline   = ".cmdline"
	uname     = ".uname"
	linux     = ".linux"
	initramfs = ".initrd"
	passports = ".passpor"

	logicalPassports = ".passports"
)

// stubSections are those of systemd's stub since 257, on each architecture. A stub
// with others is refused, since it acts on what is in some sections (.ucode,
// .dtbauto, .efifw), more with each release. One with data outside its sections
// is refused too, not trimmed: so is that of systemd 252, which has no .sbat
// section, code in the padding of its headers and 5 kB behind its last section.
var stubSections = []string{".text", ".rodata", ".data", sbat, ".sdmagic", ".reloc"}

// layout has the sections behind the stub's, in their order, and the part that
// each holds.
var layout = []struct {
	name            string
	characteristics uint32
	part            func(*Parts) *[]byte
}{
	{osrel, pe.Initialized | pe.Readable, func(p *Parts) *[]byte { return &p.OSRelease }},
	{cmdline, pe.Initialized | pe.Readable, func(p *Parts) *[]byte { return &p.CommandLine }},
	{uname, pe.Initialized | pe.Readable, func(p *Parts) *[]byte { return &p.Uname }},
	{linux, pe.Code | pe.Readable, func(p *Parts) *[]byte { return &p.Linux }},
	{initramfs, pe.Initialized | pe.Readable, func(p *Parts) *[]byte { return &p.Initrd }},
	{passports, pe.Initialized | pe.Readable, func(p *Parts) *[]byte { return &p.Passports }},
}

// inOrder tells the first section that is not the wanted one in its place.
func inOrder(f *pe.File, want []string) error {
	for i, s := range f.Sections {
		switch {
		case i >= len(want):
			return broken("sections", int(s.Header), "%q behind %s, want no more", s.Name, want[len(want)-1])
		case s.Name != want[i]:
			return broken("sections", int(s.Header), "%q in the place of %s", s.Name, want[i])
		}
	}
	if n := len(f.Sections); n < len(want) {
		return broken("sections", int(f.Sections[n-1].Header), "%s is the last, want %s behind it", want[n-1], want[n])
	}
	return nil
}
