package bay0

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"fmt"

	"github.com/anchor-os/anchor/compiler/diag"
)

// MaxBinary is how much of a binary is read, in bytes; one of that size is refused
// whatever the law says.
const MaxBinary = 64 << 20

// binary judges the program as it was built: it must need nothing but the kernel, and be
// of the sources that are judged.
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
	j.made(b, at)
}

// made judges what Go has noted in a binary of what it is built of.
func (j *judge) made(b Binary, at diag.Range) {
	wrong := func(format string, args ...any) {
		d := j.error(diag.BinaryOfOthers, at, "the binary "+format, args...)
		d.Detail = "What was judged are the sources of this checkout, built without tags, and the modules that it requires."
		d.Hint = "build it here: make build"
	}
	info, err := buildinfo.Read(bytes.NewReader(b.Bytes))
	if err != nil {
		wrong("does not say what it is built of: %v", err)
		return
	}
	entry, versions := j.required()
	if info.Path != entry {
		wrong("is of %s, and should be of %s", diag.Quote(info.Path), entry)
	}
	for _, s := range info.Settings {
		if s.Key == "-tags" && s.Value != "" {
			wrong("is built with tags: %s", diag.Quote(s.Value))
		}
	}
	for _, m := range info.Deps {
		switch version, required := versions[m.Path]; {
		case m.Replace != nil:
			wrong("has %s in the place of %s", diag.Quote(m.Replace.Path), diag.Quote(m.Path))
		case !required || version != m.Version:
			wrong("has %s, which was not judged", diag.Quote(fmt.Sprint(m.Path, " ", m.Version)))
		}
	}
}

// required gives the path of the program, and the versions of the modules that it uses.
func (j *judge) required() (entry string, versions map[string]string) {
	versions = map[string]string{}
	for _, p := range j.Packages {
		switch {
		case p.folder() == Entry:
			entry = p.ImportPath
		case p.Module != nil && !p.own():
			versions[p.Module.Path] = p.Module.Version
		}
	}
	return entry, versions
}
