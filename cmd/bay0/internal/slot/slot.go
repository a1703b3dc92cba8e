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

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/policy"
)

const (
	bootCurrent = "BootCurrent" + efivar.Global
	bootOrder   = "BootOrder" + efivar.Global
	bootNext    = "BootNext" + efivar.Global
)

// Boot is what the firmware's variables say of this boot.
type Boot struct {
	vars      *efivar.Dir
	say       func(format string, args ...any)
	ours      bool // it is of a slot: else the next three mean nothing
	slot      policy.Slot
	entry     entry
	order     []byte                  // of entries
	unsettled [len(policy.Slots)]byte // policy.Slot.UnsettledVariable
	floor     uint32                  // policy.FloorVariable
	later     []write
}

// Read reads the variables, if there are any. What is malformed is not ours, and said.
func Read(vars *efivar.Dir, say func(format string, args ...any)) *Boot {
	b := &Boot{vars: vars, say: say}
	if vars == nil {
		return b
	}
	if v := b.read(policy.FloorVariable); b.isSound(policy.FloorVariable, len(v) == 4, v) {
		b.floor = binary.LittleEndian.Uint32(v)
	}
	for _, s := range policy.Slots {
		name := s.UnsettledVariable()
		if v := b.read(name); b.isSound(name, len(v) == 1 && v[0] <= policy.OtherTried, v) {
			b.unsettled[s] = v[0]
		}
	}
	current := b.read(bootCurrent)
	b.order = b.read(bootOrder)
	if b.isSound(bootCurrent, len(current) == 2, current) && b.isSound(bootOrder, len(b.order)%2 == 0, b.order) {
		b.entry = entry(current)
		b.slot, b.ours = slotOf(b.read(b.entry.variable()))
	}
	if b.ours {
		say("slot: %v, promoted %v, unsettled boots %d", b.slot, b.promoted(), b.unsettled[b.slot])
	} else {
		say("slot: none, since %s is no slot's boot entry", b.entry.variable())
	}
	return b
}

// read is a variable's value; nil: there is none.
func (b *Boot) read(name string) []byte {
	value, err := b.vars.Read(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.say("slot: cannot use a variable: %v", err)
	}
	return value
}

// isSound reports whether a value is there and well-formed.
func (b *Boot) isSound(name string, wellFormed bool, value []byte) bool {
	if value != nil && !wellFormed {
		b.say("slot: cannot use a variable: %s holds %.64x", name, value)
	}
	return value != nil && wellFormed
}

// promoted reports whether the firmware starts this slot when it is told nothing.
func (b *Boot) promoted() bool { return b.ours && bytes.HasPrefix(b.order, b.entry[:]) }

// CheckFloor refuses a policy below the lowest version that may run.
func (b *Boot) CheckFloor(version uint32) error {
	if version < b.floor {
		return fmt.Errorf("cannot run policy version %d: version %d is the lowest that this machine may run", version, b.floor)
	}
	return nil
}
