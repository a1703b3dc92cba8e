package slot

import (
	"errors"
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
)

// ErrNoneLeft says that no slot settles. The machine shall not start again by
// itself; whoever switches it on begins anew.
var ErrNoneLeft = errors.New("no other slot is left to try")

// Count counts this boot, if the firmware would start the same slot again and
// again. It refuses a slot that has had its chances, after it has named the other
// for one try. Variables that cannot be written are said and stop nothing: a
// machine that cannot count is better than none.
func (b *Boot) Count() error {
	if !b.promoted() {
		return nil
	}
	n := b.unsettled[b.slot]
	if n < abi.UnsettledLimit {
		b.record(n + 1)
		return nil
	}
	err := fmt.Errorf("cannot start slot %v again: %d boots in a row have not settled", b.slot, abi.UnsettledLimit)
	if n < abi.OtherTried && b.tryOther() {
		return fmt.Errorf("%w; slot %v is next", err, b.slot.Other())
	}
	b.record(0)
	return fmt.Errorf("%w, and %w", err, ErrNoneLeft)
}

// tryOther has the firmware start the other slot once, and remembers it: in this
// order, since a current that fails in between then costs a second try, not the
// only one.
func (b *Boot) tryOther() bool {
	for n := range 1 << 16 { // a slot that was never promoted need not be in the order
		e := entry{byte(n), byte(n >> 8)}
		if s, ours := b.slotOf(e); !ours || s == b.slot {
			continue
		}
		if err := b.vars.Set(bootNext, e[:]); err != nil {
			b.say("slot: cannot try slot %v: %v", b.slot.Other(), err)
			return false
		}
		b.record(abi.OtherTried)
		return true
	}
	return false
}

// record writes the count of this boot's slot.
func (b *Boot) record(n byte) {
	if err := b.vars.Set(b.slot.UnsettledVariable(), []byte{n}); err != nil {
		b.say("slot: cannot count the boots of slot %v: %v", b.slot, err)
	}
	b.unsettled[b.slot] = n
}
