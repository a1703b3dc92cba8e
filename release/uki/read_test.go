package uki_test

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/initrd"
	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
	"github.com/anchor-os/anchor/release/uki"
)

func TestRead(t *testing.T) {
	p := parts(t)
	img, err := uki.Read(image(p))
	if err != nil {
		t.Fatal(err)
	}
	if img.Arch != abi.AArch64 || img.Signed {
		t.Errorf("got %v, signed %v", img.Arch, img.Signed)
	}
	var got []string
	for i, s := range img.Sections {
		got = append(got, s.Name)
		want := sections(p)[i]
		if s.VirtualSize != int64(len(want.Contents)) || s.SHA256 != sha256.Sum256(want.Contents) {
			t.Errorf("%s: %d bytes of digest %x", s.Name, s.VirtualSize, s.SHA256)
		}
	}
	want := []string{
		".text", ".rodata", ".data", ".sbat", ".sdmagic", ".reloc",
		".osrel", ".cmdline", ".uname", ".linux", ".initrd", ".passpor",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	last := img.Sections[len(img.Sections)-1]
	wantLast := uki.Section{
		Name: ".passpor", Logical: ".passports", Offset: 0x2a00, Size: 0x200,
		VirtualAddress: 0xc000, VirtualSize: 15, SHA256: sha256.Sum256(passports),
	}
	if d := cmp.Diff(wantLast, last); d != "" {
		t.Error(d)
	}
}

func TestReadSigned(t *testing.T) {
	img, err := uki.Read(petest.Sign(image(parts(t)), petest.Certificate("PKCS#7")))
	if err != nil {
		t.Fatal(err)
	}
	if !img.Signed {
		t.Error("the signature was not seen")
	}
	if err := uki.Verify(img); err != nil {
		t.Error(err)
	}
}

// TestReadRefuses has what only a UKI's law forbids; the rest of the law is that
// of package pe, of which one case is here.
func TestReadRefuses(t *testing.T) {
	change := func(f func(s []petest.Section) []petest.Section) []byte {
		return petest.Image(pe.ARM64, f(sections(parts(t)))...)
	}
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"no image", nil, `DOS header at offset 0x0: 0 bytes, want 64 at least`},
		{"trailing byte", append(image(parts(t)), 0), `trailing bytes at offset 0x2c00: 0x1 bytes behind the last section`},
		{"stub alone", petest.Stub(pe.ARM64), `sections at offset 0x210: .reloc is the last, want .osrel behind it`},
		{"no passports", change(func(s []petest.Section) []petest.Section { return s[:11] }),
			`sections at offset 0x2d8: .initrd is the last, want .passpor behind it`},
		{"sections out of order", change(func(s []petest.Section) []petest.Section { s[6], s[7] = s[7], s[6]; return s }),
			`sections at offset 0x238: ".cmdline" in the place of .osrel`},
		{"section that the stub acts on", change(func(s []petest.Section) []petest.Section {
			return append(s, petest.Section{Name: ".ucode", Contents: []byte("x")})
		}),
			`sections at offset 0x328: ".ucode" behind .passpor, want no more`},
		{"section among the stub's", change(func(s []petest.Section) []petest.Section { s[2].Name = ".dtb"; return s }),
			`sections at offset 0x198: ".dtb" in the place of .data`},
		{"command line that can be executed", change(func(s []petest.Section) []petest.Section { s[7].Characteristics |= pe.Execute; return s }),
			`characteristics at offset 0x260: section .cmdline has 0x60000040, want 0x40000040`},
	} {
		t.Run(c.name, func(t *testing.T) {
			img, err := uki.Read(c.b)
			var broken *uki.LawError
			if img != nil || !errors.As(err, &broken) {
				t.Fatalf("got %v and error %v, want a broken clause alone", img, err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestVerifyRefuses has images whose parts disagree. Each offset is in the file.
func TestVerifyRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*uki.Parts)
		want   string
	}{
		{"kernel of another machine", func(p *uki.Parts) { p.Linux = petest.Kernel(pe.AMD64, release) },
			`section .linux: machine at offset 0x1a44: 0x8664, want 0xaa64`},
		{"something for a kernel", func(p *uki.Parts) { p.Linux = []byte("kernel") },
			`section .linux: DOS header at offset 0x1a00: 6 bytes, want 64 at least`},
		{"release of another kernel", func(p *uki.Parts) { p.Uname = []byte("6.11.0") },
			`section .uname: release at offset 0x1800: "6.11.0", the kernel is "6.12.0-anchor"`},
		{"command line that starts a shell", func(p *uki.Parts) { p.CommandLine = commandLine("quiet rdinit=/bin/sh") },
			`section .cmdline: rdinit at offset 0x1606: rdinit=/bin/sh, want rdinit=/bin/bay0`},
		{"passports of another digest", func(p *uki.Parts) { p.Passports = []byte("x"); p.Initrd = archive(t, p.Passports) },
			`section .cmdline: bay0.passports at offset 0x1626: bay0.passports=sha256:cdbfce819cbc96b30ef97b6a28c6f0dc1d551d832555b1a4bb19b32f058b3aa4, want bay0.passports=sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881`},
		{"initrd of other passports", func(p *uki.Parts) { p.Initrd = archive(t, []byte("another blob")) },
			`section .initrd: passports at offset 0x28b8: /.passports is not the same as section .passports`},
		{"second program in the initrd", func(p *uki.Parts) { p.Initrd = intruder(p.Initrd) },
			`section .initrd: archive at offset 0x2474: member "bin/bays" has no place in the archive`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parts(t)
			c.change(&p)
			img, err := uki.Read(image(p))
			if err != nil {
				t.Fatal(err)
			}
			err = uki.Verify(img)
			var broken *uki.LawError
			if !errors.As(err, &broken) {
				t.Fatalf("got %v, want a broken clause", err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestVerifyRefusesAnImageThatWasNotRead(t *testing.T) {
	err := uki.Verify(&uki.Image{})
	want := `section .linux: DOS header at offset 0x0: 0 bytes, want 64 at least`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// intruder renames a program.
func intruder(archive []byte) []byte {
	members, err := initrd.List(archive)
	if err != nil {
		panic(err)
	}
	copy(archive[members[0].Offset+110:], "bin/bays")
	return archive
}
