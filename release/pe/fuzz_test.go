package pe_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
)

// FuzzLaw proves that nothing panics, that each refusal names a clause, and that
// of an accepted file every byte is accounted for: what a signature covers, what
// it does not, and nothing else. An accepted file can be extended and is then
// accepted again.
func FuzzLaw(f *testing.F) {
	f.Add(image())
	f.Add(signed())
	f.Add(petest.Stub(pe.AMD64))
	f.Add(petest.Kernel(pe.ARM64, "6.12.0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := pe.Read(b)
		if err == nil {
			for _, s := range file.Sections {
				file.Contents(s)
			}
			err = file.Law()
		}
		var broken *pe.LawError
		if err != nil {
			if !errors.As(err, &broken) || broken.Clause == "" || broken.Offset > int64(len(b)) {
				t.Fatalf("refused without a clause or a place: %v", err)
			}
			return
		}
		accounted(t, file, b)
		if file.Certificates.Size == 0 {
			extended(t, file)
		}
	})
}

func accounted(t *testing.T, file *pe.File, b []byte) {
	covered, err := file.Covered()
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(bytes.Join(covered, nil))) + 4 + 8 + file.Certificates.Size
	if size != int64(len(b)) {
		t.Fatalf("%d bytes are accounted for, the file has %d", size, len(b))
	}
}

func extended(t *testing.T, file *pe.File) {
	e, err := file.Extend(0)
	if err != nil {
		t.Fatal(err)
	}
	if e.Append("added", pe.Readable, []byte("contents")) != nil {
		return // no room, or the name is taken
	}
	if err := judge(e.Bytes()); err != nil {
		t.Fatalf("no longer accepted when extended: %v", err)
	}
}
