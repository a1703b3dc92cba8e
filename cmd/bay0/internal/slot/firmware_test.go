package slot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/policy/abi"
)

// firmware is a directory that stands for the firmware's variables, and what Bay0
// has said of them.
type firmware struct {
	t    *testing.T
	path string
	dir  *efivar.Dir
	said []string
	thaw error
}

// newFirmware has the entries of both slots, A first, and one of another system.
func newFirmware(t *testing.T) *firmware {
	t.Helper()
	f := &firmware{t: t, path: t.TempDir()}
	dir, err := os.Open(f.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	f.dir = efivar.In(dir, func(int) error { return f.thaw })
	f.set("Boot0001"+efivar.Global, loadOption(abi.SlotA))
	f.set("Boot0003"+efivar.Global, []byte("\x01\x00\x00\x00\x04\x00U\x00\x00\x00\x7f\xff\x04\x00"))
	f.set("Boot0A0B"+efivar.Global, loadOption(abi.SlotB))
	f.set(bootOrder, numbers(0x0001, 0x0003, 0x0a0b))
	return f
}

// loadOption is a slot's boot entry, written out.
func loadOption(s abi.Slot) []byte {
	const hardDrive = "\x04\x01\x2a\x00" +
		"\x01\x00\x00\x00" + "\x00\x08\x00\x00\x00\x00\x00\x00" + "\x00\x00\x10\x00\x00\x00\x00\x00" +
		"0123456789abcdef" + "\x02\x02"
	const end = "\x7f\xff\x04\x00"
	file, description := "", ""
	for _, c := range `\EFI\ANCHOR\` + s.String() + ".EFI\x00" {
		file += string(c) + "\x00"
	}
	for _, c := range "Anchor OS " + s.String() + "\x00" {
		description += string(c) + "\x00"
	}
	path := hardDrive + "\x04\x04\x28\x00" + file + end
	return []byte("\x01\x00\x00\x00" + string(rune(len(path))) + "\x00" + description + path)
}

func numbers(all ...uint16) (b []byte) {
	for _, n := range all {
		b = binary.LittleEndian.AppendUint16(b, n)
	}
	return b
}

func (f *firmware) file(name string) string { return filepath.Join(f.path, name) }

func (f *firmware) set(name string, value []byte) {
	f.t.Helper()
	if err := os.WriteFile(f.file(name), append([]byte{7, 0, 0, 0}, value...), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// get is a variable's value; nil: there is none, or it was opened and never written.
func (f *firmware) get(name string) []byte {
	f.t.Helper()
	b, err := os.ReadFile(f.file(name))
	if errors.Is(err, os.ErrNotExist) || err == nil && len(b) == 0 {
		return nil
	}
	if err != nil || len(b) < 4 {
		f.t.Fatalf("%s holds %x, %v", name, b, err)
	}
	return b[4:]
}

// all are the variables as they are.
func (f *firmware) all() map[string]string {
	f.t.Helper()
	entries, err := os.ReadDir(f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		all[e.Name()] = string(f.get(e.Name()))
	}
	return all
}

// start does what the firmware does, and then Bay0: it starts what BootNext names,
// once, or else the first in the order.
func (f *firmware) start() (*Boot, error) {
	f.t.Helper()
	next := f.get(bootNext)
	if next == nil {
		next = f.get(bootOrder)[:2]
	} else if err := os.Remove(f.file(bootNext)); err != nil {
		f.t.Fatal(err)
	}
	f.set(bootCurrent, next)
	b := Read(f.dir, f.say)
	return b, b.Count()
}

func (f *firmware) say(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

// settles starts the machine, which then settles.
func (f *firmware) settles(floor uint32) {
	f.t.Helper()
	b, err := f.start()
	if err != nil {
		f.t.Fatal(err)
	}
	b.Keep(floor)
	f.thaw = os.ErrPermission // from here on nothing can be opened
	b.Settle()
	f.thaw = nil
}

// fails starts the machine, which then fails before it has settled; it says which
// slot that was, and why Bay0 refused it, if it did.
func (f *firmware) fails() string {
	f.t.Helper()
	b, err := f.start()
	if err != nil {
		return fmt.Sprintf("%v: %v", b.slot, err)
	}
	b.Keep(9)
	return b.slot.String()
}

// heard takes what was said.
func (f *firmware) heard() []string {
	said := f.said
	f.said = nil
	return slices.Clip(said)
}
