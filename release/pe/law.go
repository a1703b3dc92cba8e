package pe

import (
	"bytes"
	"strings"
)

// law is every clause, in an order in which each may rely on those before it.
var law = []func(*File) error{
	kind,
	noSymbols,
	alignments,
	headerRoom,
	names,
	noRelocations,
	fileLayout,
	memoryLayout,
	entry,
	end,
}

// Law tells the first clause that the image breaks, as a *LawError, or nil. It
// takes time in proportion to the file.
func (f *File) Law() error {
	for _, clause := range law {
		if err := clause(f); err != nil {
			return err
		}
	}
	return nil
}

func kind(f *File) error {
	if f.Machine != ARM64 && f.Machine != AMD64 {
		return broken("machine", f.coff+coffMachine, "%#x, want %#x (AArch64) or %#x (x86-64)", f.Machine, ARM64, AMD64)
	}
	return f.Starts(f.Machine)
}

// Starts tells why firmware of that machine would not start the image, as a
// *LawError, or nil.
func (f *File) Starts(machine uint16) error {
	switch {
	case f.Machine != machine:
		return broken("machine", f.coff+coffMachine, "%#x, want %#x", f.Machine, machine)
	case f.Flags&executableImage == 0:
		return broken("executable image", f.coff+coffFlags, "flags %#x do not say that the image can run", f.Flags)
	case f.Subsystem != efiApplication:
		return broken("subsystem", f.optional+subsystem, "%d, want %d (EFI application)", f.Subsystem, efiApplication)
	}
	return nil
}

// noSymbols also keeps long section names out: they are indexes into the string
// table that follows the symbols.
func noSymbols(f *File) error {
	at := f.coff + coffSymbols
	if table, count := f.u32(at), f.u32(f.coff+coffSymbolCount); table != 0 || count != 0 {
		return broken("symbol table", at, "%d symbols at %#x, want none", count, table)
	}
	return nil
}

func alignments(f *File) error {
	if a := f.FileAlignment; !powerOfTwo(a) || a < 512 || a > 1<<16 {
		return broken("file alignment", f.optional+fileAlignment, "%#x, want a power of two from 0x200 to 0x10000", a)
	}
	if a := f.SectionAlignment; !powerOfTwo(a) || a < 4096 || a > 1<<16 || a < f.FileAlignment {
		return broken("section alignment", f.optional+sectionAlignment, "%#x, want a power of two from 0x1000 to 0x10000, the file alignment at least", a)
	}
	return nil
}

func headerRoom(f *File) error {
	at, used := f.optional+sizeOfHeaders, f.tableEnd()
	switch {
	case f.SizeOfHeaders < used:
		return broken("header room", at, "SizeOfHeaders is %#x, the section table ends at %#x", f.SizeOfHeaders, used)
	case f.SizeOfHeaders%f.FileAlignment != 0 || !f.holds(f.SizeOfHeaders, 0):
		return broken("header room", at, "SizeOfHeaders is %#x, want a multiple of %#x within the file's %#x bytes", f.SizeOfHeaders, f.FileAlignment, len(f.b))
	}
	return f.zero("header padding", Range{used, f.SizeOfHeaders - used})
}

func names(f *File) error {
	seen := make(map[string]bool, len(f.Sections))
	for _, s := range f.Sections {
		switch {
		case strings.HasPrefix(s.Name, "/"):
			return broken("section name", s.Header, "%q is an index into a string table, want the name itself", s.Name)
		case !plain(s.Name):
			return broken("section name", s.Header, "%q, want 1 to 8 printable ASCII characters, then zeros", s.Name)
		case seen[s.Name]:
			return broken("section name", s.Header, "%q a second time", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

func noRelocations(f *File) error {
	for _, s := range f.Sections {
		at := s.Header + sectionRelocations
		if !allZero(f.b[at : s.Header+sectionCharacteristics]) {
			return broken("relocations", at, "section %q has relocations or line numbers of an object file", s.Name)
		}
	}
	return nil
}

// fileLayout is the clause that makes all readings of the file agree: sections
// stand in the order of the table, without overlap or gap, from the headers on.
func fileLayout(f *File) error {
	next := f.SizeOfHeaders
	for _, s := range f.Sections {
		switch {
		case s.VirtualSize == 0 || s.VirtualSize > s.Raw.Size:
			return broken("VirtualSize", s.Header+sectionVirtualSize, "section %q has %#x bytes in memory and %#x in the file, want some, and all of them in the file", s.Name, s.VirtualSize, s.Raw.Size)
		case s.Raw.Size%f.FileAlignment != 0:
			return broken("section size", s.Header+sectionRawSize, "section %q has %#x bytes, want a multiple of %#x", s.Name, s.Raw.Size, f.FileAlignment)
		case s.Raw.Offset < next:
			return broken("overlap", s.Header+sectionRawOffset, "section %q stands at %#x, what is before it ends at %#x", s.Name, s.Raw.Offset, next)
		case s.Raw.Offset > next:
			return broken("gap", next, "%#x bytes belong to nothing, section %q stands at %#x", s.Raw.Offset-next, s.Name, s.Raw.Offset)
		}
		padding := Range{s.Raw.Offset + s.VirtualSize, s.Raw.Size - s.VirtualSize}
		if err := f.zero("section padding", padding); err != nil {
			return err
		}
		next = s.Raw.End()
	}
	return nil
}

// memoryLayout places each section on the first page behind the bytes of the one
// before it. A section that was replaced by a shorter one keeps its pages.
func memoryLayout(f *File) error {
	next := roundUp(f.SizeOfHeaders, f.SectionAlignment)
	for _, s := range f.Sections {
		if s.VirtualAddress != next {
			return broken("address", s.Header+sectionAddress, "section %q is loaded at %#x, want %#x", s.Name, s.VirtualAddress, next)
		}
		next = f.memoryEnd(s)
	}
	if f.SizeOfImage != next {
		return broken("SizeOfImage", f.optional+sizeOfImage, "%#x, the sections end at %#x", f.SizeOfImage, next)
	}
	return nil
}

func entry(f *File) error {
	for _, s := range f.Sections {
		if f.EntryPoint-s.VirtualAddress >= 0 && f.EntryPoint-s.VirtualAddress < s.VirtualSize && s.Characteristics&Execute != 0 {
			return nil
		}
	}
	return broken("entry point", f.optional+entryPoint, "address %#x lies in no executable section", f.EntryPoint)
}

// end leaves room for nothing behind the sections but the certificate table,
// which no signature covers.
func end(f *File) error {
	last, size := f.last().Raw.End(), int64(len(f.b))
	if f.Certificates.Size == 0 {
		if last < size {
			return broken("trailing bytes", last, "%#x bytes behind the last section", size-last)
		}
		return nil
	}
	if f.Certificates.Offset != last {
		return broken("certificate table", f.certificateEntry(), "stands at %#x, the last section ends at %#x", f.Certificates.Offset, last)
	}
	if e := f.Certificates.End(); e < size {
		return broken("trailing bytes", e, "%#x bytes behind the certificate table", size-e)
	}
	return certificates(f)
}

func (f *File) tableEnd() int64 { return f.table + int64(len(f.Sections))*sectionSize }

func (f *File) last() Section { return f.Sections[len(f.Sections)-1] }

func (f *File) memoryEnd(s Section) int64 {
	return roundUp(s.VirtualAddress+s.Raw.Size, f.SectionAlignment)
}

func (f *File) zero(clause string, r Range) error {
	padding := f.b[r.Offset:r.End()]
	if rest := bytes.TrimLeft(padding, "\x00"); len(rest) > 0 {
		return broken(clause, r.End()-int64(len(rest)), "byte %#02x, want zero", rest[0])
	}
	return nil
}

func allZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

func plain(name string) bool {
	return name != "" && strings.IndexFunc(name, func(c rune) bool { return c <= ' ' || c > '~' }) < 0
}

func powerOfTwo(n int64) bool { return n > 0 && n&(n-1) == 0 }

func roundUp(n, alignment int64) int64 { return (n + alignment - 1) &^ (alignment - 1) }
