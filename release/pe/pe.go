// Package pe reads, judges and extends EFI images in the PE32+ format: systemd's
// stub, kernels with an EFI stub, and the unified kernel images made of them.
//
//	image        = DOS header, COFF header, optional header, section table,
//	               zeros up to SizeOfHeaders, sections, [certificates]
//	certificates = certificate, { certificate }, each padded to 8 bytes
//
// Read accepts any image whose headers and sections can be loaded. Law accepts
// only an image of which every byte belongs to exactly one part of that grammar,
// so that firmware, signing tools and auditors cannot see different files in it:
// readers disagree on overlapping sections, on data after the last section and
// on names longer than 8 bytes. The standard library's debug/pe is one of the
// lenient readers, hence this one.
//
// Source: Microsoft, "PE Format"; UEFI 2.10, section 2.1.1.
package pe

import "fmt"

// Machines and flags as the headers hold them.
const (
	AMD64 = 0x8664 // IMAGE_FILE_MACHINE_AMD64
	ARM64 = 0xaa64 // IMAGE_FILE_MACHINE_ARM64

	Code        = 0x00000020 // IMAGE_SCN_CNT_CODE
	Initialized = 0x00000040 // IMAGE_SCN_CNT_INITIALIZED_DATA
	Execute     = 0x20000000 // IMAGE_SCN_MEM_EXECUTE
	Readable    = 0x40000000 // IMAGE_SCN_MEM_READ

	NXCompat = 0x0100 // IMAGE_DLLCHARACTERISTICS_NX_COMPAT

	executableImage = 0x0002 // IMAGE_FILE_EXECUTABLE_IMAGE
	efiApplication  = 10     // IMAGE_SUBSYSTEM_EFI_APPLICATION
)

// MaxSize is the largest image that is read or built, in bytes. Firmware loads
// the file whole and once more section by section.
const MaxSize = 1 << 30

// MaxSections is how many sections an image may have ("PE Format", COFF file
// header).
const MaxSections = 96

// File is an image whose headers were read. Offsets are in the file, addresses
// are relative to the image's base; both in bytes.
type File struct {
	Machine            uint16
	Flags              uint16 // of the COFF header
	Subsystem          uint16
	DLLCharacteristics uint16
	EntryPoint         int64
	SectionAlignment   int64
	FileAlignment      int64
	SizeOfImage        int64
	SizeOfHeaders      int64
	Sections           []Section // in the order of the table
	Certificates       Range     // the certificate table; empty if unsigned

	b        []byte
	coff     int64 // offset of the COFF header
	optional int64 // offset of the optional header
	table    int64 // offset of the section table
}

// Section is one row of the section table.
type Section struct {
	Name            string // as on disk, without the zeros that fill it up
	VirtualSize     int64  // length of the contents
	VirtualAddress  int64
	Raw             Range // the contents and their padding
	Characteristics uint32
	Header          int64 // offset of the row
}

// Range is a part of the file.
type Range struct{ Offset, Size int64 }

// End is the offset of the first byte after r.
func (r Range) End() int64 { return r.Offset + r.Size }

// Contents is what a loader puts at the section's address, of VirtualSize bytes
// at most: the part of it that lies in the file.
func (f *File) Contents(s Section) []byte {
	return f.b[s.Raw.Offset : s.Raw.Offset+min(s.VirtualSize, s.Raw.Size)]
}

// Section finds the first section of that name as on disk.
func (f *File) Section(name string) (Section, bool) {
	for _, s := range f.Sections {
		if s.Name == name {
			return s, true
		}
	}
	return Section{}, false
}

// Covered is what an Authenticode signature covers, in file order: all but the
// CheckSum field, the directory entry of the certificate table, and the table.
// That is so for a file that obeys Law; for any other the error is a *LawError.
//
// Source: Microsoft, "Windows Authenticode Portable Executable Signature Format".
func (f *File) Covered() ([][]byte, error) {
	if err := f.Law(); err != nil {
		return nil, err
	}
	sum, entry := f.optional+checkSum, f.certificateEntry()
	return [][]byte{f.b[:sum], f.b[sum+4 : entry], f.b[entry+8 : f.last().Raw.End()]}, nil
}

// LawError is a broken clause of the law of an image.
type LawError struct {
	Clause string // what the clause is about, such as "overlap"
	Offset int64  // of the field or the first byte at fault, in bytes
	Detail string // what was found, and what would do
}

func (e *LawError) Error() string {
	return fmt.Sprintf("%s at offset %#x: %s", e.Clause, e.Offset, e.Detail)
}

func broken(clause string, offset int64, format string, a ...any) error {
	return &LawError{clause, offset, fmt.Sprintf(format, a...)}
}
