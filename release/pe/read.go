package pe

import (
	"bytes"
	"encoding/binary"
)

// Offsets of the fields that are read or written, each in its own header.
const (
	dosSize   = 0x40
	dosLfanew = 0x3c // where "PE\0\0" stands

	coffMachine      = 0
	coffSections     = 2
	coffSymbols      = 8
	coffSymbolCount  = 12
	coffOptionalSize = 16
	coffFlags        = 18
	coffSize         = 20

	magic              = 0
	initializedData    = 8
	entryPoint         = 16
	sectionAlignment   = 32
	fileAlignment      = 36
	sizeOfImage        = 56
	sizeOfHeaders      = 60
	checkSum           = 64
	subsystem          = 68
	dllCharacteristics = 70
	directoryCount     = 108
	directories        = 112
	certificateIndex   = 4 // IMAGE_DIRECTORY_ENTRY_SECURITY
	maxDirectories     = 16
	pe32Plus           = 0x20b

	nameSize               = 8
	sectionVirtualSize     = 8
	sectionAddress         = 12
	sectionRawSize         = 16
	sectionRawOffset       = 20
	sectionRelocations     = 24 // to Characteristics: offsets and counts of object files
	sectionCharacteristics = 36
	sectionSize            = 40
)

// Read reads the headers of b and keeps b. It takes time in proportion to the
// headers. Every error is a *LawError.
func Read(b []byte) (*File, error) {
	f := &File{b: b}
	for _, step := range []func() error{f.readDOS, f.readCOFF, f.readOptional, f.readSections} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *File) readDOS() error {
	switch {
	case len(f.b) > MaxSize:
		return broken("size", MaxSize, "%d bytes, at most %d are read", len(f.b), MaxSize)
	case !f.holds(0, dosSize):
		return broken("DOS header", 0, "%d bytes, want %d at least", len(f.b), dosSize)
	case string(f.b[:2]) != "MZ":
		return broken("DOS header", 0, "begins with %q, want \"MZ\"", f.b[:2])
	}
	return nil
}

func (f *File) readCOFF() error {
	start := f.u32(dosLfanew)
	switch {
	case start < dosSize || start%8 != 0:
		return broken("PE header", dosLfanew, "said to stand at %#x, want a multiple of 8 behind the DOS header", start)
	case !f.holds(start, 4+coffSize):
		return broken("PE header", dosLfanew, "said to stand at %#x, the file has %#x bytes", start, len(f.b))
	case string(f.b[start:start+4]) != "PE\x00\x00":
		return broken("PE header", start, "begins with %q, want \"PE\\x00\\x00\"", f.b[start:start+4])
	}
	f.coff = start + 4
	f.optional = f.coff + coffSize
	f.Machine = f.u16(f.coff + coffMachine)
	f.Flags = f.u16(f.coff + coffFlags)
	return nil
}

func (f *File) readOptional() error {
	o, size := f.optional, int64(f.u16(f.coff+coffOptionalSize))
	if size < directories || !f.holds(o, size) {
		return broken("optional header", f.coff+coffOptionalSize, "%d bytes, want %d at least and the file to hold them", size, directories)
	}
	if m := f.u16(o + magic); m != pe32Plus {
		return broken("optional header", o, "format %#x, want %#x (PE32+)", m, pe32Plus)
	}
	count := f.u32(o + directoryCount)
	if count <= certificateIndex || count > maxDirectories || size != directories+8*count {
		return broken("data directories", o+directoryCount, "%d in an optional header of %d bytes, want %d to %d that fill it", count, size, certificateIndex+1, maxDirectories)
	}
	f.table = o + size
	f.EntryPoint = f.u32(o + entryPoint)
	f.SectionAlignment, f.FileAlignment = f.u32(o+sectionAlignment), f.u32(o+fileAlignment)
	f.SizeOfImage, f.SizeOfHeaders = f.u32(o+sizeOfImage), f.u32(o+sizeOfHeaders)
	f.Subsystem, f.DLLCharacteristics = f.u16(o+subsystem), f.u16(o+dllCharacteristics)
	return f.readCertificateEntry()
}

// readCertificateEntry reads the one directory entry that is an offset in the
// file, not an address.
func (f *File) readCertificateEntry() error {
	at := f.certificateEntry()
	r := Range{f.u32(at), f.u32(at + 4)}
	if (r.Offset == 0) != (r.Size == 0) || !f.holds(r.Offset, r.Size) {
		return broken("certificate table", at, "%d bytes at %#x, the file has %#x", r.Size, r.Offset, len(f.b))
	}
	f.Certificates = r
	return nil
}

func (f *File) readSections() error {
	count := int64(f.u16(f.coff + coffSections))
	if count == 0 || count > MaxSections || !f.holds(f.table, count*sectionSize) {
		return broken("section table", f.coff+coffSections, "%d sections, want 1 to %d and the file to hold their headers", count, MaxSections)
	}
	f.Sections = make([]Section, count)
	for i := range f.Sections {
		s := f.section(f.table + int64(i)*sectionSize)
		if !f.holds(s.Raw.Offset, s.Raw.Size) {
			return broken("section data", s.Header+sectionRawSize, "section %q has %#x bytes at %#x, the file has %#x", s.Name, s.Raw.Size, s.Raw.Offset, len(f.b))
		}
		f.Sections[i] = s
	}
	return nil
}

func (f *File) section(h int64) Section {
	return Section{
		Name:            string(bytes.TrimRight(f.b[h:h+nameSize], "\x00")),
		VirtualSize:     f.u32(h + sectionVirtualSize),
		VirtualAddress:  f.u32(h + sectionAddress),
		Raw:             Range{f.u32(h + sectionRawOffset), f.u32(h + sectionRawSize)},
		Characteristics: uint32(f.u32(h + sectionCharacteristics)),
		Header:          h,
	}
}

func (f *File) certificateEntry() int64 { return f.optional + directories + 8*certificateIndex }

// holds reports whether the file has size bytes at offset; neither is negative.
func (f *File) holds(offset, size int64) bool {
	return offset <= int64(len(f.b)) && size <= int64(len(f.b))-offset
}

// u16 and u32 load fields of headers that the file is known to hold.
func (f *File) u16(at int64) uint16 { return binary.LittleEndian.Uint16(f.b[at:]) }
func (f *File) u32(at int64) int64  { return int64(binary.LittleEndian.Uint32(f.b[at:])) }
