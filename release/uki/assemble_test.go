package uki_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
	"github.com/anchor-os/anchor/release/uki"
)

func assemble(t *testing.T, p uki.Parts) []byte {
	t.Helper()
	b, err := uki.Assemble(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAssembleToTheByte compares with an image that the tests' generator makes at
// once, from another account of how sections, sizes and addresses follow.
func TestAssembleToTheByte(t *testing.T) {
	p := parts(t)
	if !bytes.Equal(assemble(t, p), image(p)) {
		t.Error("the image is not the expected one")
	}
}

func TestAssembleReadVerify(t *testing.T) {
	for _, machine := range []uint16{pe.ARM64, pe.AMD64} {
		p := partsFor(t, machine)
		img, err := uki.Read(assemble(t, p))
		if err != nil {
			t.Fatal(err)
		}
		if err := uki.Verify(img); err != nil {
			t.Error(err)
		}
		p.Stub = nil
		if d := cmp.Diff(p, img.Parts); d != "" {
			t.Errorf("machine %#x: other parts come out than went in:\n%s", machine, d)
		}
	}
}

// TestNXCompat: the image claims what both stub and kernel claim.
func TestNXCompat(t *testing.T) {
	for name, c := range map[string]struct {
		stub, kernel, want uint16
	}{
		"both":   {0x160, 0x100, 0x160},
		"stub":   {0x160, 0, 0x060},
		"kernel": {0x060, 0x100, 0x060},
	} {
		p := parts(t)
		petest.Put16(p.Stub, petest.DLLCharacteristics, c.stub)
		petest.Put16(p.Linux, petest.DLLCharacteristics, c.kernel)
		f, err := pe.Read(assemble(t, p))
		if err != nil {
			t.Fatal(err)
		}
		if f.DLLCharacteristics != c.want {
			t.Errorf("%s: got %#x, want %#x", name, f.DLLCharacteristics, c.want)
		}
	}
}

func TestAssembleRefuses(t *testing.T) {
	put16 := func(b []byte, at int, v uint16) []byte { petest.Put16(b, at, v); return b }
	stub := func(change func([]petest.Section) []petest.Section) []byte {
		return petest.Image(pe.ARM64, change(petest.StubSections())...)
	}
	for _, c := range []struct {
		name   string
		change func(*uki.Parts)
		want   string
	}{
		{"no stub", func(p *uki.Parts) { p.Stub = nil }, `cannot assemble an image: the stub is empty`},
		{"no os-release", func(p *uki.Parts) { p.OSRelease = nil }, `cannot assemble an image: what goes into .osrel is empty`},
		{"no command line", func(p *uki.Parts) { p.CommandLine = nil }, `cannot assemble an image: what goes into .cmdline is empty`},
		{"no release", func(p *uki.Parts) { p.Uname = nil }, `cannot assemble an image: what goes into .uname is empty`},
		{"no kernel", func(p *uki.Parts) { p.Linux = nil }, `cannot assemble an image: what goes into .linux is empty`},
		{"no initrd", func(p *uki.Parts) { p.Initrd = nil }, `cannot assemble an image: what goes into .initrd is empty`},
		{"no passports", func(p *uki.Parts) { p.Passports = nil }, `cannot assemble an image: what goes into .passpor is empty`},

		{"stub that is no image", func(p *uki.Parts) { p.Stub = p.OSRelease },
			`cannot use the stub: DOS header at offset 0x0: 10 bytes, want 64 at least`},
		{"signed stub", func(p *uki.Parts) { p.Stub = petest.Sign(p.Stub, petest.Certificate("PKCS#7")) },
			`cannot use the stub: certificate table at offset 0xe8: 16 bytes at 0x1400, want an unsigned image`},
		{"stub with a symbol table", func(p *uki.Parts) { petest.Put32(p.Stub, petest.Symbols, 0x1400) },
			`cannot use the stub: symbol table at offset 0x4c: 0 symbols at 0x1400, want none`},
		{"stub with overlapping sections", func(p *uki.Parts) { petest.Put32(p.Stub, petest.Row(1)+petest.RawOffset, 0x600) },
			`cannot use the stub: overlap at offset 0x184: section ".rodata" stands at 0x600, what is before it ends at 0xa00`},
		{"stub with data behind its sections", func(p *uki.Parts) { p.Stub = append(p.Stub, "extra"...) },
			`cannot use the stub: trailing bytes at offset 0x1400: 0x5 bytes behind the last section`},
		{"stub older than 257", func(p *uki.Parts) {
			p.Stub = stub(func(s []petest.Section) []petest.Section { return []petest.Section{s[0], s[2]} })
		},
			`cannot use the stub: sections at offset 0x170: ".data" in the place of .rodata`},
		{"stub cut short", func(p *uki.Parts) {
			p.Stub = stub(func(s []petest.Section) []petest.Section { return s[:5] })
		},
			`cannot use the stub: sections at offset 0x1e8: .sdmagic is the last, want .reloc behind it`},
		{"UKI for a stub", func(p *uki.Parts) {
			p.Stub = stub(func(s []petest.Section) []petest.Section {
				return append(s, petest.Section{Name: ".osrel", Contents: []byte("ID=other")})
			})
		},
			`cannot use the stub: sections at offset 0x238: ".osrel" behind .reloc, want no more`},
		{"stub without room for headers", func(p *uki.Parts) { p.Stub = crowded(p.Stub) },
			`cannot add section .linux: its header would end at 0x620, the room for headers ends at 0x600`},

		{"kernel that is no image", func(p *uki.Parts) { p.Linux = []byte("\x1f\x8bcompressed") },
			`cannot use the kernel: DOS header at offset 0x0: 12 bytes, want 64 at least`},
		{"kernel of another machine", func(p *uki.Parts) { p.Linux = petest.Kernel(pe.AMD64, release) },
			`section .linux: machine at offset 0x44: 0x8664, want 0xaa64`},
		{"kernel that firmware does not start", func(p *uki.Parts) { put16(p.Linux, petest.Subsystem, 3) },
			`section .linux: subsystem at offset 0x9c: 3, want 10 (EFI application)`},
		{"kernel that cannot run", func(p *uki.Parts) { put16(p.Linux, petest.Flags, 0) },
			`section .linux: executable image at offset 0x56: flags 0x0 do not say that the image can run`},
		{"image that is no kernel", func(p *uki.Parts) { p.Linux = petest.Stub(pe.ARM64) },
			`section .linux: kernel at offset 0x0: neither an arm64 Image nor an x86 bzImage`},
		{"release of another kernel", func(p *uki.Parts) { p.Uname = []byte("6.11.0") },
			`section .uname: release at offset 0x0: "6.11.0", the kernel is "6.12.0-anchor"`},
		{"release with a newline", func(p *uki.Parts) { p.Uname = []byte(release + "\n") },
			`section .uname: release at offset 0x0: "6.12.0-anchor\n", the kernel is "6.12.0-anchor"`},
		{"initrd of something else", func(p *uki.Parts) { p.Initrd = p.OSRelease },
			`section .initrd: archive at offset 0x0: no header of a member (newc) where one is due`},
		{"initrd of other passports", func(p *uki.Parts) { p.Initrd = archive(t, []byte("another blob")) },
			`section .initrd: passports at offset 0x4b8: /.passports is not the same as section .passports`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parts(t)
			c.change(&p)
			b, err := uki.Assemble(p)
			if err == nil || b != nil {
				t.Fatalf("got %d bytes and error %v, want an error alone", len(b), err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

// crowded moves the headers of a stub towards its first section, until there is
// room for three more sections.
func crowded(stub []byte) []byte {
	from, to := petest.PEHeader, petest.Row(len(petest.StubSections()))
	end := petest.Headers - 3*(petest.Row(1)-petest.Row(0)) - 8
	headers := bytes.Clone(stub[from:to])
	clear(stub[from:to])
	copy(stub[end-len(headers):], headers)
	petest.Put32(stub, petest.Lfanew, uint32(end-len(headers)))
	return stub
}

func TestSBAT(t *testing.T) {
	const uki1 = "uki,1,UKI,uki,1,https://uapi-group.org/specifications/specs/unified_kernel_image/\n"
	header, _, _ := strings.Cut(petest.StubSBAT, "\n")
	kernel := header + "\nlinux,1,The Linux Developers,linux,6.17.0,https://linux.org\n"
	for _, c := range []struct {
		name, stub, kernel, want, err string
	}{
		{name: "stub's alone", stub: petest.StubSBAT, want: petest.StubSBAT + uki1},
		{name: "padded with zeros", stub: petest.StubSBAT + "\x00\x00\x00", want: petest.StubSBAT + uki1},
		{name: "without a last newline", stub: strings.TrimSuffix(petest.StubSBAT, "\n"), want: petest.StubSBAT + uki1},
		{name: "kernel's behind the stub's", stub: petest.StubSBAT, kernel: kernel,
			want: petest.StubSBAT + strings.TrimPrefix(kernel, header+"\n") + uki1},
		{name: "no header", stub: "systemd-stub,1,a,b,c,d\n",
			err: `cannot read the stub's .sbat: line 1 is "systemd-stub,1,a,b,c,d", want the header of version 1`},
		{name: "only zeros", stub: "\x00",
			err: `cannot read the stub's .sbat: line 1 is "", want the header of version 1`},
		{name: "missing field", stub: petest.StubSBAT + "a,1,b,c,d\n",
			err: `cannot read the stub's .sbat: line 3 is "a,1,b,c,d", want 6 fields of printable ASCII`},
		{name: "empty line", stub: petest.StubSBAT + "\n",
			err: `cannot read the stub's .sbat: line 3 is "", want 6 fields of printable ASCII`},
		{name: "kernel's with a carriage return", stub: petest.StubSBAT, kernel: header + "\r\n",
			err: `cannot read the kernel's .sbat: line 1 is "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\r", want 6 fields of printable ASCII`},
		{name: "more than the stub has room for", stub: petest.StubSBAT,
			kernel: header + "\nlinux,1,The Linux Developers,linux," + strings.Repeat("6", 300) + ",https://linux.org\n",
			err:    `cannot put 582 bytes into section .sbat: it has room for 1 to 512`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parts(t)
			s := petest.StubSections()
			s[3].Contents = []byte(c.stub)
			p.Stub = petest.Image(pe.ARM64, s...)
			if c.kernel != "" {
				p.Linux = petest.Kernel(pe.ARM64, release, petest.Section{Name: ".sbat", Contents: []byte(c.kernel)})
			}
			b, err := uki.Assemble(p)
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			f, err := pe.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			section, _ := f.Section(".sbat")
			if d := cmp.Diff(c.want, string(f.Contents(section))); d != "" {
				t.Error(d)
			}
		})
	}
}
