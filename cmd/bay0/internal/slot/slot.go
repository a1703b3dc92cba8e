// Package slot keeps the machine from starting the same bad release for ever. It
// finds out which slot this boot is of, counts the boots of one that was promoted
// and settles no more, and promotes one that was tried and has settled. What it
// knows is in the firmware's variables.
//
// A try is the firmware's part: it deletes BootNext before it starts what that
// names, so that whatever ends such a boot, the next is of the first entry in the
// order (UEFI specification, 3.1.1). A try is therefore not counted.
package slot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/policy/abi"
)

const (
	bootCurrent = "BootCurrent" + efivar.Global
	bootOrder   = "BootOrder" + efivar.Global
	bootNext    = "BootNext" + efivar.Global
)

// entry is the number of a boot entry, in the bytes in which variables name it.
type entry [2]byte

func (e entry) variable() string {
	return fmt.Sprintf("Boot%04X", binary.LittleEndian.Uint16(e[:])) + efivar.Global
}

// Boot is what the firmware's variables say of this boot.
type Boot struct {
	vars      *efivar.Dir
	say       func(format string, args ...any)
	ours      bool // it is of a slot: else the next three mean nothing
	slot      abi.Slot
	entry     entry
	order     []byte               // of entries
	unsettled [len(abi.Slots)]byte // abi.Slot.UnsettledVariable
	floor     uint32               // abi.FloorVariable
	later     []write
}

// Read reads the variables, if there are any. What is malformed is not ours, and said.
func Read(vars *efivar.Dir, say func(format string, args ...any)) *Boot {
	b := &Boot{vars: vars, say: say}
	if vars == nil {
		return b
	}
	if v := b.read(abi.FloorVariable, func(v []byte) bool { return len(v) == 4 }); v != nil {
		b.floor = binary.LittleEndian.Uint32(v)
	}
	for _, s := range abi.Slots {
		copy(b.unsettled[s:], b.read(s.UnsettledVariable(), func(v []byte) bool { return len(v) == 1 && v[0] <= abi.OtherTried }))
	}
	current := b.read(bootCurrent, func(v []byte) bool { return len(v) == len(b.entry) })
	b.order = b.read(bootOrder, func(v []byte) bool { return len(v)%len(b.entry) == 0 })
	if current != nil && b.order != nil {
		b.entry = entry(current)
		b.slot, b.ours = b.slotOf(b.entry)
	}
	if b.ours {
		say("slot: %v, promoted %v, unsettled boots %d", b.slot, b.promoted(), b.unsettled[b.slot])
	} else {
		say("slot: none, since %s is no slot's boot entry", b.entry.variable())
	}
	return b
}

// read is a variable's value; nil: there is none, or none that is well-formed.
func (b *Boot) read(name string, wellFormed func([]byte) bool) []byte {
	value, err := b.vars.Read(name)
	if err == nil && !wellFormed(value) {
		err = fmt.Errorf("%s holds %.64x", name, value)
	}
	if err == nil {
		return value
	}
	if !errors.Is(err, fs.ErrNotExist) {
		b.say("slot: cannot use a variable: %v", err)
		if name == abi.FloorVariable {
			b.floor = math.MaxUint32 // until somebody has mended it, nobody knows what may run
		}
	}
	return nil
}

// slotOf is the slot that an entry starts.
func (b *Boot) slotOf(e entry) (s abi.Slot, ours bool) {
	return slotOf(b.read(e.variable(), func([]byte) bool { return true }))
}

// slotOf is the slot that a boot entry starts (UEFI specification, 3.1.3,
// EFI_LOAD_OPTION). Each byte of a slot's entry is known but for the attributes
// and which partition the file lies on, so there is nothing to parse: what differs
// is not ours, and so is what has optional data, which would reach the boot stub as
// a command line.
func slotOf(option []byte) (s abi.Slot, ours bool) {
	const attributes, active, partition = 4, 1, 38
	for _, s := range abi.Slots {
		head, tail := fixed(s)
		if len(option) == attributes+len(head)+partition+len(tail) && option[0]&active != 0 &&
			bytes.HasPrefix(option[attributes:], head) && bytes.HasSuffix(option, tail) {
			return s, true
		}
	}
	return 0, false
}

// fixed is what stands before and behind the partition: the device path's length,
// the description, the head of the hard drive's node; the nodes of the file and of
// the end (UEFI specification, 10.3.5.1, 10.3.5.4, 10.3.1).
func fixed(s abi.Slot) (head, tail []byte) {
	const hardDrive, end = 42, 4
	file := utf16(s.File())
	tail = binary.LittleEndian.AppendUint16([]byte{4, 4}, uint16(4+len(file)))
	tail = append(append(tail, file...), 0x7f, 0xff, end, 0)
	head = binary.LittleEndian.AppendUint16(nil, uint16(hardDrive+len(tail)))
	head = append(append(head, utf16(s.Description())...), 4, 1, hardDrive, 0)
	return head, tail
}

// utf16 is ASCII as the firmware has it, and the zero that ends it.
func utf16(s string) (b []byte) {
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return append(b, 0, 0)
}

// Tried reports whether what runs has yet to show that it is good: it is of no slot that
// was promoted.
func (b *Boot) Tried() bool { return !b.promoted() }

// promoted reports whether the firmware starts this slot when it is told nothing.
func (b *Boot) promoted() bool { return b.ours && bytes.HasPrefix(b.order, b.entry[:]) }

// CheckFloor refuses a policy below the lowest version that may run.
func (b *Boot) CheckFloor(version uint32) error {
	if version < b.floor {
		return fmt.Errorf("cannot run policy version %d: version %d is the lowest that this machine may run", version, b.floor)
	}
	return nil
}
