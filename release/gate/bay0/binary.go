package bay0

import (
	"bytes"
	"debug/elf"

	"github.com/anchor-os/anchor/compiler/diag"
)

// MaxBinary is how much of a binary is read, in bytes; one of that size is refused
// whatever the law says.
const MaxBinary = 64 << 20

// binary judges the program as it was built: it must need nothing but the kernel.
func (j *judge) binary(b Binary) {
	at := diag.NewSource(b.Name, nil).Whole()
	if size := int64(len(b.Bytes)); size > min(j.Law.Bytes, MaxBinary) {
		d := j.error(diag.BinaryTooLarge, at, "the binary has %d bytes, and may have %d", size, j.Law.Bytes)
		d.Detail = "It is a part of what is measured and read at every boot."
		d.Related = []diag.Related{{Message: "the limit", Range: j.Law.bytes}}
	}
	file, err := elf.NewFile(bytes.NewReader(b.Bytes))
	if err != nil {
		j.error(diag.NotStatic, at, "the binary is no ELF file: %v", err)
		return
	}
	static := file.Type == elf.ET_EXEC
	for _, p := range file.Progs {
		static = static && p.Type != elf.PT_INTERP && p.Type != elf.PT_DYNAMIC
	}
	if !static || file.SectionByType(elf.SHT_DYNAMIC) != nil {
		d := j.error(diag.NotStatic, at, "the binary is not static")
		d.Detail = "It would load a program and libraries from files, and there are none where it starts."
		d.Hint = "build it with CGO_ENABLED=0"
	}
}
