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
	to    *os.File // nil: it could not be opened
	value []byte
	means string
}

// Keep opens what Settle writes: by then Bay0 can open no variable. In order: the slot
// of this boot becomes the one that the machine starts, the boots that failed are
// forgotten, and policies below the floor are shut out.
func (b *Boot) Keep(floor uint32) {
	if !b.ours {
		return
	}
	if b.Tried() {
		b.keep(bootOrder, b.promotion(), fmt.Sprintf("slot %v is started first", b.slot))
	}
	for _, s := range abi.Slots {
		if b.unsettled[s] > 0 {
			b.keep(s.UnsettledVariable(), []byte{0}, fmt.Sprintf("slot %v has no unsettled boots", s))
		}
	}
	if floor > b.floor {
		b.keep(abi.FloorVariable, binary.LittleEndian.AppendUint32(nil, floor), fmt.Sprintf("no policy below version %d runs", floor))
	}
}

func (b *Boot) keep(name string, value []byte, means string) {
	to, err := b.vars.Open(name)
	if err != nil {
		b.say("slot: cannot record later that %s: %v", means, err)
	}
	b.later = append(b.later, write{to, value, means})
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

// Settle writes what was kept, and nothing without what stands before it: a current that
// fails in between leaves a slot that may run, and what is missing is done when it
// settles again. What cannot be written is said, and ends nothing: the machine is a good
// one.
func (b *Boot) Settle() {
	for _, w := range b.later {
		if err := efivar.Write(w.to, w.value); err != nil {
			b.say("slot: cannot record that %s: %v", w.means, err)
			return
		}
		b.say("slot: from now on %s", w.means)
	}
}
