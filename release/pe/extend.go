package pe

import (
	"encoding/binary"
	"fmt"
)

// Extension is a copy of an image that is given further sections.
type Extension struct{ f File }

// Extend starts a copy of f with room for that many bytes behind it. The image
// must be unsigned and obey Law; the copy obeys it from each method to the next.
func (f *File) Extend(room int64) (*Extension, error) {
	if err := f.Law(); err != nil {
		return nil, err
	}
	if c := f.Certificates; c.Size > 0 {
		return nil, broken("certificate table", f.certificateEntry(), "%d bytes at %#x, want an unsigned image", c.Size, c.Offset)
	}
	e := &Extension{*f}
	e.f.b = append(make([]byte, 0, int64(len(f.b))+room), f.b...)
	e.f.Sections = append([]Section(nil), f.Sections...)
	e.put32(f.optional+checkSum, 0)
	return e, nil
}

// Append puts a section behind all others. The name has 1 to 8 characters.
func (e *Extension) Append(name string, characteristics uint32, contents []byte) error {
	f := &e.f
	h, size := f.tableEnd(), int64(len(contents))
	raw := Range{f.last().Raw.End(), roundUp(size, f.FileAlignment)}
	switch _, taken := f.Section(name); {
	case len(name) > nameSize || !plain(name) || name[0] == '/' || taken:
		return fmt.Errorf("cannot add a section named %q: want a new name of 1 to %d printable characters", name, nameSize)
	case size == 0:
		return fmt.Errorf("cannot add section %s: it is empty", name)
	case h+sectionSize > f.SizeOfHeaders:
		return fmt.Errorf("cannot add section %s: its header would end at %#x, the room for headers ends at %#x", name, h+sectionSize, f.SizeOfHeaders)
	case len(f.Sections) == MaxSections:
		return fmt.Errorf("cannot add section %s: the image has %d sections, the most there may be", name, MaxSections)
	case raw.End() > MaxSize:
		return fmt.Errorf("cannot add section %s: the image would have %d bytes, at most %d are built", name, raw.End(), MaxSize)
	}
	e.putHeader(h, Section{
		Name: name, VirtualSize: size, VirtualAddress: f.memoryEnd(f.last()),
		Raw: raw, Characteristics: characteristics,
	})
	f.b = append(f.b, contents...)
	f.b = append(f.b, make([]byte, raw.Size-size)...)
	e.put32(f.optional+sizeOfImage, f.memoryEnd(f.last()))
	// Nothing reads this field; code counts as well, as it does in ukify, so that
	// images of both can be compared to the byte.
	e.put32(f.optional+initializedData, f.u32(f.optional+initializedData)+size)
	return nil
}

// putHeader writes a row behind the section table and reads it back.
func (e *Extension) putHeader(h int64, s Section) {
	f := &e.f
	copy(f.b[h:h+nameSize], s.Name)
	e.put32(h+sectionVirtualSize, s.VirtualSize)
	e.put32(h+sectionAddress, s.VirtualAddress)
	e.put32(h+sectionRawSize, s.Raw.Size)
	e.put32(h+sectionRawOffset, s.Raw.Offset)
	e.put32(h+sectionCharacteristics, int64(s.Characteristics))
	f.Sections = append(f.Sections, f.section(h))
	e.put16(f.coff+coffSections, uint16(len(f.Sections)))
}

// Replace puts other contents into a section, which keeps its place and its
// bytes in the file.
func (e *Extension) Replace(name string, contents []byte) error {
	f, size := &e.f, int64(len(contents))
	for i := range f.Sections {
		s := &f.Sections[i]
		if s.Name != name {
			continue
		}
		if size == 0 || size > s.Raw.Size {
			return fmt.Errorf("cannot put %d bytes into section %s: it has room for 1 to %d", size, name, s.Raw.Size)
		}
		raw := f.b[s.Raw.Offset:s.Raw.End()]
		clear(raw[copy(raw, contents):])
		s.VirtualSize = size
		e.put32(s.Header+sectionVirtualSize, size)
		return nil
	}
	return fmt.Errorf("cannot replace section %s: the image has none", name)
}

// ClearNXCompat withdraws the claim that the image runs with data that cannot be
// executed.
func (e *Extension) ClearNXCompat() {
	f := &e.f
	f.DLLCharacteristics &^= NXCompat
	e.put16(f.optional+dllCharacteristics, f.DLLCharacteristics)
}

// Bytes is the extended image. The extension is not used after it.
func (e *Extension) Bytes() []byte { return e.f.b }

func (e *Extension) put16(at int64, v uint16) { binary.LittleEndian.PutUint16(e.f.b[at:], v) }
func (e *Extension) put32(at, v int64)        { binary.LittleEndian.PutUint32(e.f.b[at:], uint32(v)) }
