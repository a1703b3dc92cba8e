// Package petest makes small EFI images for tests, by other code than what the
// tests judge.
package petest

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Where the fields that tests spoil stand in an image made here.
const (
	Lfanew             = 0x3c
	PEHeader           = 0x40
	Machine            = 0x44
	SectionCount       = 0x46
	Symbols            = 0x4c
	OptionalSize       = 0x54
	Flags              = 0x56
	Magic              = 0x58
	InitializedData    = 0x60
	EntryPoint         = 0x68
	SectionAlignment   = 0x78
	FileAlignment      = 0x7c
	SizeOfImage        = 0x90
	SizeOfHeaders      = 0x94
	CheckSum           = 0x98
	Subsystem          = 0x9c
	DLLCharacteristics = 0x9e
	DirectoryCount     = 0xc4
	CertificateEntry   = 0xe8
	SectionTable       = 0x148

	Headers = 0x600 // length of the headers, as in systemd's stub for x86-64, of up to 30 sections
)

// Fields of a section's row, to be added to Row.
const (
	Name           = 0
	VirtualSize    = 8
	Address        = 12
	RawSize        = 16
	RawOffset      = 20
	Relocations    = 24
	sectionRowSize = 40
)

// Row is the offset of the row of section i.
func Row(i int) int { return SectionTable + sectionRowSize*i }

// Section is a section to be made.
type Section struct {
	Name            string
	Characteristics uint32
	Contents        []byte
}

// Image makes an EFI application. File alignment is 0x200, page size 0x1000;
// execution starts in the first section.
func Image(machine uint16, sections ...Section) []byte {
	var table, data bytes.Buffer
	start := max(Headers, roundUp(Row(len(sections)), 0x200))
	first := roundUp(start, 0x1000)
	address := first
	for _, s := range sections {
		offset := start + data.Len()
		data.Write(s.Contents)
		data.Write(make([]byte, -len(s.Contents)&0x1ff))
		raw := start + data.Len() - offset
		table.WriteString(s.Name + strings.Repeat("\x00", 8-len(s.Name)))
		words(&table, len(s.Contents), address, raw, offset, 0, 0, 0, int(s.Characteristics))
		address += roundUp(raw, 0x1000)
	}
	b := append(headers(machine, len(sections)), table.Bytes()...)
	Put32(b, EntryPoint, uint32(first))
	Put32(b, SizeOfImage, uint32(address))
	Put32(b, SizeOfHeaders, uint32(start))
	b = append(b, make([]byte, start-len(b))...)
	return append(b, data.Bytes()...)
}

func headers(machine uint16, sections int) []byte {
	b := make([]byte, SectionTable)
	copy(b, "MZ")
	copy(b[PEHeader:], "PE\x00\x00")
	Put32(b, Lfanew, PEHeader)
	Put16(b, Machine, machine)
	Put16(b, SectionCount, uint16(sections))
	Put32(b, 0x48, 0x69dd461d) // TimeDateStamp
	Put16(b, OptionalSize, 240)
	Put16(b, Flags, 0x22e)
	Put16(b, Magic, 0x20b)
	Put32(b, SectionAlignment, 0x1000)
	Put32(b, FileAlignment, 0x200)
	Put16(b, Subsystem, 10)
	Put16(b, DLLCharacteristics, 0x160)
	Put32(b, DirectoryCount, 16)
	return b
}

func roundUp(n, alignment int) int { return (n + alignment - 1) / alignment * alignment }

func words(w *bytes.Buffer, values ...int) {
	for _, v := range values {
		w.Write(binary.LittleEndian.AppendUint32(nil, uint32(v)))
	}
}

// Put16 and Put32 overwrite a field.
func Put16(b []byte, at int, v uint16) { binary.LittleEndian.PutUint16(b[at:], v) }
func Put32(b []byte, at int, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }

// Certificate is one entry of a certificate table around a signature's bytes.
func Certificate(signature string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(8+len(signature)))
	b = append(b, 0, 2, 2, 0)
	b = append(b, signature...)
	return append(b, make([]byte, -len(b)&7)...)
}

// Sign appends a certificate table to an image. Nothing is signed by it.
func Sign(image, table []byte) []byte {
	b := append(bytes.Clone(image), table...)
	Put32(b, CertificateEntry, uint32(len(image)))
	Put32(b, CertificateEntry+4, uint32(len(table)))
	return b
}

// StubSBAT is the text in a stub's .sbat.
const StubSBAT = "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n" +
	"systemd-stub,1,The systemd Developers,systemd,257,https://systemd.io/\n"

// Stub has the sections of systemd's stub.
func Stub(machine uint16) []byte {
	return Image(machine, StubSections()...)
}

// StubSections are the sections of Stub, in order.
func StubSections() []Section {
	return []Section{
		{".text", 0x60000020, bytes.Repeat([]byte{0xc3}, 700)},
		{".rodata", 0x40000040, []byte("constants")},
		{".data", 0xc0000040, []byte("variables")},
		{".sbat", 0x40000040, []byte(StubSBAT)},
		{".sdmagic", 0x40000040, []byte("#### LoaderInfo: systemd-stub 257 ####")},
		{".reloc", 0x42000040, []byte("relocations")},
	}
}

// Kernel has an EFI stub and tells its release as kernels of that machine do: an
// arm64 Image in its banner, an x86 bzImage in a setup header. It does not claim
// NX_COMPAT. More sections may be given.
func Kernel(machine uint16, release string, more ...Section) []byte {
	version := release + " (someone@somewhere) (gcc) #1 SMP\n"
	b := Image(machine, append([]Section{
		{".text", 0x60000020, []byte("text\x00Linux version " + version)},
		{".data", 0xc0000040, []byte("%s version %s (someone@somewhere)")},
	}, more...)...)
	Put16(b, DLLCharacteristics, 0)
	if machine == 0xaa64 {
		copy(b[0x38:], "ARM\x64")
		return b
	}
	copy(b[0x202:], "HdrS")
	Put16(b, 0x20e, 0x300-0x200)
	copy(b[0x300:], version)
	return b
}
