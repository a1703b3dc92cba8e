package uki_test

import (
	"crypto/sha256"
	"testing"

	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/release/initrd"
	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
	"github.com/anchor-os/anchor/release/uki"
)

const release = "6.12.0-anchor"

var passports = []byte("the policy blob")

// parts fit together. Tests change one of them.
func parts(t testing.TB) uki.Parts {
	t.Helper()
	return partsFor(t, pe.ARM64)
}

func partsFor(t testing.TB, machine uint16) uki.Parts {
	t.Helper()
	return uki.Parts{
		Stub:        petest.Stub(machine),
		OSRelease:   []byte("ID=anchor\n"),
		CommandLine: commandLine("quiet rdinit=/bin/bay0 init=/bin/bay0"),
		Uname:       []byte(release),
		Linux:       petest.Kernel(machine, release),
		Initrd:      archive(t, passports),
		Passports:   passports,
	}
}

// commandLine adds what belongs to the passports.
func commandLine(own string) []byte {
	return blob.AppendCommandLine(nil, []byte(own), sha256.Sum256(passports))
}

func archive(t testing.TB, passports []byte) []byte {
	t.Helper()
	b, err := initrd.Build(initrd.Contents{
		Bay0:      []byte("program"),
		Images:    map[string][]byte{"web": []byte("image")},
		Passports: passports,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sections are those that an image of the parts has, made without the assembler.
func sections(p uki.Parts) []petest.Section {
	const data, code = pe.Initialized | pe.Readable, pe.Code | pe.Readable
	s := petest.StubSections()
	s[3].Contents = []byte(petest.StubSBAT + "uki,1,UKI,uki,1,https://uapi-group.org/specifications/specs/unified_kernel_image/\n")
	return append(s,
		petest.Section{Name: ".osrel", Characteristics: data, Contents: p.OSRelease},
		petest.Section{Name: ".cmdline", Characteristics: data, Contents: p.CommandLine},
		petest.Section{Name: ".uname", Characteristics: data, Contents: p.Uname},
		petest.Section{Name: ".linux", Characteristics: code, Contents: p.Linux},
		petest.Section{Name: ".initrd", Characteristics: data, Contents: p.Initrd},
		petest.Section{Name: ".passpor", Characteristics: data, Contents: p.Passports},
	)
}

// image is an image of the parts, whether they fit together or not.
func image(p uki.Parts) []byte {
	b := petest.Image(pe.ARM64, sections(p)...)
	petest.Put16(b, petest.DLLCharacteristics, 0x060) // without NX_COMPAT
	added := len(p.OSRelease) + len(p.CommandLine) + len(p.Uname) + len(p.Linux) + len(p.Initrd) + len(p.Passports)
	petest.Put32(b, petest.InitializedData, uint32(added))
	return b
}
