package uki

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/release/pe"
)

// The section of SBAT, by which shim revokes generations of a component, and the
// component that a UKI adds to those of its stub and its kernel.
//
// Source: github.com/rhboot/shim, SBAT.md; UAPI Group, "Unified Kernel Image".
const (
	sbat    = ".sbat"
	ukiSBAT = "uki,1,UKI,uki,1,https://uapi-group.org/specifications/specs/unified_kernel_image/"

	sbatFields = 6
)

// mergeSBAT has the header once, then the components of stub and kernel, then
// that of a UKI. A kernel before 6.17 has none.
func mergeSBAT(stub, kernel *pe.File) ([]byte, error) {
	lines, err := sbatLines(stub)
	if err != nil {
		return nil, fmt.Errorf("cannot read the stub's %s: %w", sbat, err)
	}
	if _, found := kernel.Section(sbat); found {
		more, err := sbatLines(kernel)
		if err != nil {
			return nil, fmt.Errorf("cannot read the kernel's %s: %w", sbat, err)
		}
		lines = append(lines, more[1:]...)
	}
	return []byte(strings.Join(append(lines, ukiSBAT, ""), "\n")), nil
}

// sbatLines are the lines of a file's section, the header first.
func sbatLines(f *pe.File) ([]string, error) {
	s, _ := f.Section(sbat)
	text := string(bytes.TrimRight(f.Contents(s), "\x00"))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if !strings.HasPrefix(lines[0], "sbat,1,") {
		return nil, fmt.Errorf("line 1 is %q, want the header of version 1", lines[0])
	}
	for i, line := range lines {
		if strings.Count(line, ",") != sbatFields-1 || strings.IndexFunc(line, notPrintable) >= 0 {
			return nil, fmt.Errorf("line %d is %q, want %d fields of printable ASCII", i+1, line, sbatFields)
		}
	}
	return lines, nil
}

func notPrintable(c rune) bool { return c < ' ' || c > '~' }
