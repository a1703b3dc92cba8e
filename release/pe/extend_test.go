package pe_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
)

const data = pe.Initialized | pe.Readable

func extend(t *testing.T, b []byte) *pe.Extension {
	t.Helper()
	f, err := pe.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Extend(0)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestExtendEqualsMaking compares an extended image with one made at once by the
// tests' own generator.
func TestExtendEqualsMaking(t *testing.T) {
	added := []petest.Section{
		{Name: ".linux", Characteristics: pe.Code | pe.Readable, Contents: make([]byte, 5000)},
		{Name: ".passpor", Characteristics: data, Contents: []byte("passports")},
	}
	base := put32(petest.Stub(pe.ARM64), petest.CheckSum, 0x1234)
	before := bytes.Clone(base)
	e := extend(t, base)
	if err := e.Replace(".sbat", []byte("sbat,2")); err != nil {
		t.Fatal(err)
	}
	for _, s := range added {
		if err := e.Append(s.Name, s.Characteristics, s.Contents); err != nil {
			t.Fatal(err)
		}
	}
	e.ClearNXCompat()

	sections := petest.StubSections()
	sections[3].Contents = []byte("sbat,2")
	want := petest.Image(pe.ARM64, append(sections, added...)...)
	put16(want, petest.DLLCharacteristics, 0x060)
	put32(want, petest.InitializedData, uint32(5000+len("passports")))
	if !bytes.Equal(e.Bytes(), want) {
		t.Errorf("differs from an image made at once: %v", judge(e.Bytes()))
	}
	if !bytes.Equal(base, before) {
		t.Error("the original was changed")
	}
}

func TestExtendRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"a signed image":   {signed(), `certificate table at offset 0xe8: 16 bytes at 0xe00, want an unsigned image`},
		"a lawless image":  {append(image(), 0), `trailing bytes at offset 0xe00: 0x1 bytes behind the last section`},
		"a symbol table":   {put32(image(), petest.Symbols, 0xe00), `symbol table at offset 0x4c: 0 symbols at 0xe00, want none`},
		"overlapping data": {put32(image(), petest.Row(2)+petest.RawOffset, 0xa00), `overlap at offset 0x1ac: section ".sbat" stands at 0xa00, what is before it ends at 0xc00`},
	} {
		f, err := pe.Read(c.b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Extend(0); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, c := range []struct {
		name, section string
		contents      []byte
		want          string
	}{
		{"name of 9 characters", ".passport", []byte("x"),
			`cannot add a section named ".passport": want a new name of 1 to 8 printable characters`},
		{"no name", "", []byte("x"),
			`cannot add a section named "": want a new name of 1 to 8 printable characters`},
		{"blank in the name", "a b", []byte("x"),
			`cannot add a section named "a b": want a new name of 1 to 8 printable characters`},
		{"long-name form", "/4", []byte("x"),
			`cannot add a section named "/4": want a new name of 1 to 8 printable characters`},
		{"name taken", ".data", []byte("x"),
			`cannot add a section named ".data": want a new name of 1 to 8 printable characters`},
		{"no contents", ".linux", nil,
			`cannot add section .linux: it is empty`},
		{"more than an image holds", ".initrd", make([]byte, pe.MaxSize),
			`cannot add section .initrd: the image would have 1073745408 bytes, at most 1073741824 are built`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := extend(t, image())
			err := e.Append(c.section, data, c.contents)
			if err == nil {
				t.Fatal("the section was added")
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
			if !bytes.Equal(e.Bytes(), image()) {
				t.Error("the image was changed")
			}
		})
	}
}

// TestHeaderRoom fills the 0x600 bytes of headers: 30 rows of 40 bytes fit behind
// 0x148 bytes of other headers.
func TestHeaderRoom(t *testing.T) {
	e := extend(t, image())
	for i := range 27 {
		if err := e.Append(fmt.Sprintf("s%d", i), data, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := judge(e.Bytes()); err != nil {
		t.Errorf("full headers: %v", err)
	}
	err := e.Append("s27", data, []byte("x"))
	want := `cannot add section s27: its header would end at 0x620, the room for headers ends at 0x600`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAppendStopsAtMaxSections(t *testing.T) {
	sections := make([]petest.Section, pe.MaxSections)
	for i := range sections {
		sections[i] = petest.Section{Name: fmt.Sprintf("s%d", i), Characteristics: data | pe.Execute, Contents: []byte("x")}
	}
	e := extend(t, petest.Image(pe.ARM64, sections...))
	err := e.Append("s96", data, []byte("x"))
	want := `cannot add section s96: the image has 96 sections, the most there may be`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestReplaceRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		section  string
		contents []byte
		want     string
	}{
		"what does not fit":   {".sbat", make([]byte, 0x201), `cannot put 513 bytes into section .sbat: it has room for 1 to 512`},
		"nothing":             {".sbat", nil, `cannot put 0 bytes into section .sbat: it has room for 1 to 512`},
		"a section not there": {".linux", []byte("x"), `cannot replace section .linux: the image has none`},
	} {
		e := extend(t, image())
		if err := e.Replace(c.section, c.contents); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if !bytes.Equal(e.Bytes(), image()) {
			t.Errorf("%s: the image was changed", name)
		}
	}
}
