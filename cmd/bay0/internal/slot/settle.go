package slot

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/policy/abi"
)

// write is what is recorded when the machine has settled.
type write struct {
	name  string
	value []byte
	means string
	to    *os.File
}

// Keep opens what Settle writes: by then Bay0 can open no variable.
func (b *Boot) Keep(floor uint32) {
	for _, w := range b.writes(floor) {
		to, err := b.vars.Open(w.name)
		if err != nil {
			b.say("slot: cannot record later that %s: %v", w.means, err)
			return
		}
		w.to = to
		b.later = append(b.later, w)
	}
}

// writes are, in order: the slot of this boot becomes the one that the machine
// starts, the boots that failed are forgotten, and policies below the floor are
// shut out. None is done without those before it: a current that fails in between
// leaves a slot that may run, and what is missing is done when it settles again.
func (b *Boot) writes(floor uint32) (all []write) {
	if !b.ours {
		return nil
	}
	if !b.promoted() {
		all = append(all, write{name: bootOrder, value: b.promotion(), means: fmt.Sprintf("slot %v is started first", b.slot)})
	}
	for _, s := range abi.Slots {
		if b.unsettled[s] > 0 {
			all = append(all, write{name: s.UnsettledVariable(), value: []byte{0}, means: fmt.Sprintf("slot %v has no unsettled boots", s)})
		}
	}
	if floor > b.floor {
		value := binary.LittleEndian.AppendUint32(nil, floor)
		all = append(all, write{name: abi.FloorVariable, value: value, means: fmt.Sprintf("no policy below version %d runs", floor)})
	}
	return all
}

// promotion is the boot order with the slot's entry before all others.
func (b *Boot) promotion() []byte {
	value := slices.Clone(b.entry[:])
	for e := range slices.Chunk(b.order, len(b.entry)) {
		if entry(e) != b.entry {
			value = append(value, e...)
		}
	}
	return value
}

// Settle writes what was kept. What cannot be written is said, and ends nothing:
// the machine is a good one.
func (b *Boot) Settle() {
	for _, w := range b.later {
		if err := efivar.Write(w.to, w.value); err != nil {
			b.say("slot: cannot record that %s: %v", w.means, err)
			return
		}
		b.say("slot: from now on %s", w.means)
	}
}
