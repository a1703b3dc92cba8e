package uki

import (
	"crypto/sha256"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/pe"
)

// Read reads an image and judges all of its law but the agreement of its parts,
// which Verify judges. It takes time in proportion to b, which the image keeps.
// Every error is a *LawError.
func Read(b []byte) (*Image, error) {
	f, err := pe.Read(b)
	if err != nil {
		return nil, err
	}
	if err := f.Law(); err != nil {
		return nil, err
	}
	if err := inOrder(f, allSections()); err != nil {
		return nil, err
	}
	img := &Image{Arch: architecture(f.Machine), Signed: f.Certificates.Size > 0, machine: f.Machine}
	for _, s := range f.Sections {
		img.Sections = append(img.Sections, section(f, s))
	}
	if err := img.takeParts(f); err != nil {
		return nil, err
	}
	return img, nil
}

func allSections() []string {
	names := append([]string(nil), stubSections...)
	for _, l := range layout {
		names = append(names, l.name)
	}
	return names
}

// architecture is that of a machine which pe's law accepts.
func architecture(machine uint16) abi.Arch {
	if machine == pe.ARM64 {
		return abi.AArch64
	}
	return abi.X8664
}

func section(f *pe.File, s pe.Section) Section {
	logical := s.Name
	if logical == passports {
		logical = logicalPassports
	}
	return Section{
		Name:           s.Name,
		Logical:        logical,
		Offset:         s.Raw.Offset,
		Size:           s.Raw.Size,
		VirtualAddress: s.VirtualAddress,
		VirtualSize:    s.VirtualSize,
		SHA256:         sha256.Sum256(f.Contents(s)),
	}
}

// takeParts takes what stands behind the stub's sections.
func (img *Image) takeParts(f *pe.File) error {
	for i, l := range layout {
		s := f.Sections[len(stubSections)+i]
		if s.Characteristics != l.characteristics {
			return broken("characteristics", int(s.Header), "section %s has %#x, want %#x", s.Name, s.Characteristics, l.characteristics)
		}
		*l.part(&img.Parts) = f.Contents(s)
	}
	return nil
}
