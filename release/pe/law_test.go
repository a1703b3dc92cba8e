package pe_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
)

// image has sections of 0x200, 0x400 and 0x200 bytes from 0x600 on, 0xe00 in all.
func image() []byte {
	return petest.Image(pe.ARM64,
		petest.Section{Name: ".text", Characteristics: pe.Code | pe.Execute | pe.Readable, Contents: []byte("code")},
		petest.Section{Name: ".data", Characteristics: pe.Initialized | pe.Readable, Contents: make([]byte, 0x201)},
		petest.Section{Name: ".sbat", Characteristics: pe.Initialized | pe.Readable, Contents: []byte("sbat,1")},
	)
}

func signed() []byte { return petest.Sign(image(), petest.Certificate("PKCS#7")) }

func judge(b []byte) error {
	f, err := pe.Read(b)
	if err != nil {
		return err
	}
	return f.Law()
}

func TestLawAccepts(t *testing.T) {
	two := append(petest.Certificate("one"), petest.Certificate("the other")...)
	for name, b := range map[string][]byte{
		"unsigned":       image(),
		"signed":         signed(),
		"signed twice":   petest.Sign(image(), two),
		"x86-64":         petest.Stub(pe.AMD64),
		"aarch64":        petest.Stub(pe.ARM64),
		"check sum kept": put32(image(), petest.CheckSum, 0x1234),
	} {
		if err := judge(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLawRefuses(t *testing.T) {
	row := petest.Row
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty file", nil,
			`DOS header at offset 0x0: 0 bytes, want 64 at least`},
		{"larger than is read", make([]byte, pe.MaxSize+1),
			`size at offset 0x40000000: 1073741825 bytes, at most 1073741824 are read`},
		{"no DOS magic", put16(image(), 0, 0x4d5b),
			`DOS header at offset 0x0: begins with "[M", want "MZ"`},
		{"PE header inside the DOS header", put32(image(), petest.Lfanew, 8),
			`PE header at offset 0x3c: said to stand at 0x8, want a multiple of 8 behind the DOS header`},
		{"PE header misaligned", put32(image(), petest.Lfanew, 0x44),
			`PE header at offset 0x3c: said to stand at 0x44, want a multiple of 8 behind the DOS header`},
		{"PE header outside the file", put32(image(), petest.Lfanew, 0xfffffff8),
			`PE header at offset 0x3c: said to stand at 0xfffffff8, the file has 0xe00 bytes`},
		{"no PE magic", put32(image(), petest.PEHeader, 0),
			`PE header at offset 0x40: begins with "\x00\x00\x00\x00", want "PE\x00\x00"`},
		{"optional header too short", put16(image(), petest.OptionalSize, 111),
			`optional header at offset 0x54: 111 bytes, want 112 at least and the file to hold them`},
		{"optional header outside the file", image()[:0x100],
			`optional header at offset 0x54: 240 bytes, want 112 at least and the file to hold them`},
		{"32-bit optional header", put16(image(), petest.Magic, 0x10b),
			`optional header at offset 0x58: format 0x10b, want 0x20b (PE32+)`},
		{"no certificate directory", put32(image(), petest.DirectoryCount, 4),
			`data directories at offset 0xc4: 4 in an optional header of 240 bytes, want 5 to 16 that fill it`},
		{"too many directories", put32(image(), petest.DirectoryCount, 17),
			`data directories at offset 0xc4: 17 in an optional header of 240 bytes, want 5 to 16 that fill it`},
		{"directories do not fill the optional header", put32(image(), petest.DirectoryCount, 15),
			`data directories at offset 0xc4: 15 in an optional header of 240 bytes, want 5 to 16 that fill it`},
		{"no sections", put16(image(), petest.SectionCount, 0),
			`section table at offset 0x46: 0 sections, want 1 to 96 and the file to hold their headers`},
		{"too many sections", put16(image(), petest.SectionCount, 97),
			`section table at offset 0x46: 97 sections, want 1 to 96 and the file to hold their headers`},
		{"section table outside the file", image()[:row(3)-1],
			`section table at offset 0x46: 3 sections, want 1 to 96 and the file to hold their headers`},
		{"section data outside the file", image()[:0xdff],
			`section data at offset 0x1a8: section ".sbat" has 0x200 bytes at 0xc00, the file has 0xdff`},
		{"section size past 4 GiB", put32(image(), row(1)+petest.RawSize, 0xfffffe00),
			`section data at offset 0x180: section ".data" has 0xfffffe00 bytes at 0x800, the file has 0xe00`},
		{"certificate table outside the file", put32(signed(), petest.CertificateEntry+4, 17),
			`certificate table at offset 0xe8: 17 bytes at 0xe00, the file has 0xe10`},
		{"certificate table without a place", put32(signed(), petest.CertificateEntry, 0),
			`certificate table at offset 0xe8: 16 bytes at 0x0, the file has 0xe10`},
		{"certificate table without a size", put32(signed(), petest.CertificateEntry+4, 0),
			`certificate table at offset 0xe8: 0 bytes at 0xe00, the file has 0xe10`},

		{"32-bit machine", put16(image(), petest.Machine, 0x14c),
			`machine at offset 0x44: 0x14c, want 0xaa64 (AArch64) or 0x8664 (x86-64)`},
		{"object file", put16(image(), petest.Flags, 0x22c),
			`executable image at offset 0x56: flags 0x22c do not say that the image can run`},
		{"EFI driver", put16(image(), petest.Subsystem, 11),
			`subsystem at offset 0x9c: 11, want 10 (EFI application)`},
		{"symbol table", put32(image(), petest.Symbols, 0xe00),
			`symbol table at offset 0x4c: 0 symbols at 0xe00, want none`},
		{"symbol count", put32(image(), petest.Symbols+4, 1),
			`symbol table at offset 0x4c: 1 symbols at 0x0, want none`},
		{"file alignment of 1", put32(image(), petest.FileAlignment, 1),
			`file alignment at offset 0x7c: 0x1, want a power of two from 0x200 to 0x10000`},
		{"file alignment not a power of two", put32(image(), petest.FileAlignment, 0x600),
			`file alignment at offset 0x7c: 0x600, want a power of two from 0x200 to 0x10000`},
		{"section alignment of 0", put32(image(), petest.SectionAlignment, 0),
			`section alignment at offset 0x78: 0x0, want a power of two from 0x1000 to 0x10000, the file alignment at least`},
		{"section alignment below the file's", put32(put32(image(), petest.FileAlignment, 0x2000), petest.SectionAlignment, 0x1000),
			`section alignment at offset 0x78: 0x1000, want a power of two from 0x1000 to 0x10000, the file alignment at least`},
		{"SizeOfHeaders of 0", put32(image(), petest.SizeOfHeaders, 0),
			`header room at offset 0x94: SizeOfHeaders is 0x0, the section table ends at 0x1c0`},
		{"section table past SizeOfHeaders", put32(image(), petest.SizeOfHeaders, 0x1bf),
			`header room at offset 0x94: SizeOfHeaders is 0x1bf, the section table ends at 0x1c0`},
		{"SizeOfHeaders misaligned", put32(image(), petest.SizeOfHeaders, 0x601),
			`header room at offset 0x94: SizeOfHeaders is 0x601, want a multiple of 0x200 within the file's 0xe00 bytes`},
		{"SizeOfHeaders past the file", put32(image(), petest.SizeOfHeaders, 0x1000),
			`header room at offset 0x94: SizeOfHeaders is 0x1000, want a multiple of 0x200 within the file's 0xe00 bytes`},
		{"data behind the section table", put16(image(), 0x5fe, 0x0100),
			`header padding at offset 0x5ff: byte 0x01, want zero`},
		{"long name", rename(image(), 1, "/4"),
			`section name at offset 0x170: "/4" is an index into a string table, want the name itself`},
		{"no name", rename(image(), 1, ""),
			`section name at offset 0x170: "", want 1 to 8 printable ASCII characters, then zeros`},
		{"zero inside a name", rename(image(), 1, ".a\x00b"),
			`section name at offset 0x170: ".a\x00b", want 1 to 8 printable ASCII characters, then zeros`},
		{"name not ASCII", rename(image(), 1, ".dätä"),
			`section name at offset 0x170: ".dätä", want 1 to 8 printable ASCII characters, then zeros`},
		{"two sections of one name", rename(image(), 2, ".text"),
			`section name at offset 0x198: ".text" a second time`},
		{"relocations of an object file", put16(image(), row(1)+petest.Relocations+8, 1),
			`relocations at offset 0x188: section ".data" has relocations or line numbers of an object file`},

		{"VirtualSize of 0", put32(image(), row(1)+petest.VirtualSize, 0),
			`VirtualSize at offset 0x178: section ".data" has 0x0 bytes in memory and 0x400 in the file, want some, and all of them in the file`},
		{"huge VirtualSize", put32(image(), row(1)+petest.VirtualSize, 0xffffffff),
			`VirtualSize at offset 0x178: section ".data" has 0xffffffff bytes in memory and 0x400 in the file, want some, and all of them in the file`},
		{"section size misaligned", put32(image(), row(1)+petest.RawSize, 0x201),
			`section size at offset 0x180: section ".data" has 0x201 bytes, want a multiple of 0x200`},
		{"overlapping sections", put32(image(), row(2)+petest.RawOffset, 0xa00),
			`overlap at offset 0x1ac: section ".sbat" stands at 0xa00, what is before it ends at 0xc00`},
		{"section in the headers", put32(image(), row(0)+petest.RawOffset, 0x400),
			`overlap at offset 0x15c: section ".text" stands at 0x400, what is before it ends at 0x600`},
		{"sections out of order", swapRows(image(), 0, 1),
			`gap at offset 0x600: 0x200 bytes belong to nothing, section ".data" stands at 0x800`},
		{"gap behind a shortened section", put32(put32(image(), row(1)+petest.RawSize, 0x200), row(1)+petest.VirtualSize, 0x200),
			`gap at offset 0xa00: 0x200 bytes belong to nothing, section ".sbat" stands at 0xc00`},
		{"data in a section's padding", put16(image(), 0xbfe, 0x4100),
			`section padding at offset 0xbff: byte 0x41, want zero`},
		{"gap in memory", put32(image(), row(1)+petest.Address, 0x3000),
			`address at offset 0x17c: section ".data" is loaded at 0x3000, want 0x2000`},
		{"overlap in memory", put32(image(), row(1)+petest.Address, 0x1000),
			`address at offset 0x17c: section ".data" is loaded at 0x1000, want 0x2000`},
		{"SizeOfImage too large", put32(image(), petest.SizeOfImage, 0x5000),
			`SizeOfImage at offset 0x90: 0x5000, the sections end at 0x4000`},
		{"SizeOfImage too small", put32(image(), petest.SizeOfImage, 0x3000),
			`SizeOfImage at offset 0x90: 0x3000, the sections end at 0x4000`},
		{"entry point in data", put32(image(), petest.EntryPoint, 0x2000),
			`entry point at offset 0x68: address 0x2000 lies in no executable section`},
		{"entry point behind the code", put32(image(), petest.EntryPoint, 0x1004),
			`entry point at offset 0x68: address 0x1004 lies in no executable section`},
		{"trailing byte", append(image(), 0),
			`trailing bytes at offset 0xe00: 0x1 bytes behind the last section`},

		{"data between sections and certificates", signApart(image()),
			`certificate table at offset 0xe8: stands at 0xe08, the last section ends at 0xe00`},
		{"trailing byte behind the certificates", append(signed(), 0),
			`trailing bytes at offset 0xe10: 0x1 bytes behind the certificate table`},
		{"certificate of 0 bytes", petest.Sign(image(), make([]byte, 16)),
			`certificate at offset 0xe00: 0 bytes, the table has 16 left`},
		{"certificate without a signature", petest.Sign(image(), petest.Certificate("")),
			`certificate at offset 0xe00: 8 bytes, the table has 8 left`},
		{"certificate longer than the table", put32(signed(), 0xe00, 17),
			`certificate at offset 0xe00: 17 bytes, the table has 16 left`},
		{"certificate header cut off", petest.Sign(image(), append(petest.Certificate("PKCS#7"), 9, 0, 0, 0)),
			`certificate at offset 0xe10: 4 bytes, want a header of 8`},
		{"certificate of an old revision", put16(signed(), 0xe04, 0x100),
			`certificate at offset 0xe04: revision 0x100 of type 0x2, want 0x200 of 0x2 (PKCS#7)`},
		{"certificate that is no signature", put16(signed(), 0xe06, 1),
			`certificate at offset 0xe04: revision 0x200 of type 0x1, want 0x200 of 0x2 (PKCS#7)`},
		{"data in a certificate's padding", put16(signed(), 0xe0e, 0x4100),
			`certificate padding at offset 0xe0f: byte 0x41, want zero`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := judge(c.b)
			var broken *pe.LawError
			if !errors.As(err, &broken) {
				t.Fatalf("got %v, want a broken clause", err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestCovered also shows what a signature does not cover: a signed image and the
// unsigned one, whatever its CheckSum, have the same covered bytes.
func TestCovered(t *testing.T) {
	b := image()
	want := bytes.Join([][]byte{b[:petest.CheckSum], b[petest.CheckSum+4 : petest.CertificateEntry], b[petest.CertificateEntry+8:]}, nil)
	for name, b := range map[string][]byte{
		"unsigned":       b,
		"signed":         signed(),
		"with check sum": put32(signed(), petest.CheckSum, 0x1234),
	} {
		f, err := pe.Read(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := f.Covered()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(bytes.Join(got, nil), want) {
			t.Errorf("%s: other bytes are covered", name)
		}
	}
}

func TestCoveredOfALawlessImage(t *testing.T) {
	f, err := pe.Read(put32(petest.Sign(image(), make([]byte, 16)), petest.CertificateEntry, 8))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Covered()
	want := `certificate table at offset 0xe8: stands at 0x8, the last section ends at 0xe00`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func put16(b []byte, at int, v uint16) []byte { petest.Put16(b, at, v); return b }
func put32(b []byte, at int, v uint32) []byte { petest.Put32(b, at, v); return b }

func rename(b []byte, section int, name string) []byte {
	row := b[petest.Row(section):]
	copy(row[:8], name+"\x00\x00\x00\x00\x00\x00\x00\x00")
	return b
}

func swapRows(b []byte, i, j int) []byte {
	x, y := b[petest.Row(i):petest.Row(i+1)], b[petest.Row(j):petest.Row(j+1)]
	saved := bytes.Clone(x)
	copy(x, y)
	copy(y, saved)
	return b
}

func signApart(b []byte) []byte {
	return petest.Sign(append(b, make([]byte, 8)...), petest.Certificate("PKCS#7"))
}
