package uki

import (
	"fmt"

	"github.com/anchor-os/anchor/release/pe"
)

// Assemble makes an image of parts. The same parts make the same bytes: nothing
// but the stub's own TimeDateStamp tells a time, CheckSum is zero.
func Assemble(p Parts) ([]byte, error) {
	if err := p.complete(); err != nil {
		return nil, err
	}
	stub, image, err := openStub(p)
	if err != nil {
		return nil, fmt.Errorf("cannot use the stub: %w", err)
	}
	kernel, err := pe.Read(p.Linux)
	if err != nil {
		return nil, fmt.Errorf("cannot use the kernel: %w", err)
	}
	if err := agree(stub.Machine, p, inPart); err != nil {
		return nil, err
	}
	if err := extend(image, stub, kernel, p); err != nil {
		return nil, err
	}
	return image.Bytes(), nil
}

func (p *Parts) complete() error {
	if len(p.Stub) == 0 {
		return fmt.Errorf("cannot assemble an image: the stub is empty")
	}
	for _, l := range layout {
		if len(*l.part(p)) == 0 {
			return fmt.Errorf("cannot assemble an image: what goes into %s is empty", l.name)
		}
	}
	return nil
}

// openStub reads the stub and starts a copy of it with room for all parts.
func openStub(p Parts) (*pe.File, *pe.Extension, error) {
	f, err := pe.Read(p.Stub)
	if err != nil {
		return nil, nil, err
	}
	room := int64(0)
	for _, l := range layout {
		room += int64(len(*l.part(&p))) + f.FileAlignment
	}
	image, err := f.Extend(room)
	if err != nil {
		return nil, nil, err
	}
	return f, image, inOrder(f, stubSections)
}

func extend(image *pe.Extension, stub, kernel *pe.File, p Parts) error {
	merged, err := mergeSBAT(stub, kernel)
	if err != nil {
		return err
	}
	if err := image.Replace(sbat, merged); err != nil {
		return err
	}
	for _, l := range layout {
		if err := image.Append(l.name, l.characteristics, *l.part(&p)); err != nil {
			return err
		}
	}
	// Firmware that enforces NX_COMPAT judges the image by the stub's claim; the
	// kernel is started inside that image and must be able to keep it.
	if kernel.DLLCharacteristics&pe.NXCompat == 0 {
		image.ClearNXCompat()
	}
	return nil
}
