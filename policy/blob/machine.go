package blob

import (
	"bytes"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// Invariant has the meaning of policy.Invariant.
type Invariant struct {
	v  *View
	at int
}

func (i Invariant) Path() []byte { return i.v.text(i.at + wire.InvariantPath) }
func (i Invariant) Text() []byte { return i.v.text(i.at + wire.InvariantText) }
func (i Invariant) Min() int64   { return int64(i.v.u64(i.at + wire.InvariantMin)) }
func (i Invariant) Max() int64   { return int64(i.v.u64(i.at + wire.InvariantMax)) }

func (i Invariant) Kind() abi.InvariantKind {
	return abi.InvariantKind(i.v.u32(i.at + wire.InvariantKind))
}

// machine checks what the header says of the whole machine.
func (c *checker) machine() error {
	v := c.v
	version, floor := v.Version(), v.Floor()
	if version < 1 || version > policy.MaxVersion {
		return faultAt(wire.HeaderVersion, "policy version %d, want 1 to %d", version, policy.MaxVersion)
	}
	if floor < 1 || floor > version {
		return faultAt(wire.HeaderFloor, "floor %d, want 1 to the version %d", floor, version)
	}
	if n := v.LandlockABI(); n != abi.LandlockABI {
		return faultAt(wire.HeaderLandlockABI, "Landlock ABI %d, want %d", n, abi.LandlockABI)
	}
	if ms := v.Settle(); ms > policy.MaxSettle {
		return faultAt(wire.HeaderSettle, "settle time of %d ms, want at most %d", ms, policy.MaxSettle)
	}
	if n := v.Watchdog(); n < policy.MinWatchdog || n > policy.MaxWatchdog {
		return faultAt(wire.HeaderWatchdog, "watchdog timeout of %d s, want %d to %d", n, policy.MinWatchdog, policy.MaxWatchdog)
	}
	if err := c.filter(wire.HeaderFilter); err != nil {
		return err
	}
	return c.textLike(wire.HeaderCommandLine, "kernel command line", policy.ValidCommandLine[[]byte])
}

// invariants checks the table, all of which belongs to the machine.
func (c *checker) invariants() error {
	v := c.v
	if n := v.Invariants(); n > policy.MaxInvariants {
		return faultAt(wire.HeaderCounts+4*wire.Invariants, "%d invariants, want at most %d", n, policy.MaxInvariants)
	}
	for i := range v.Invariants() {
		at := v.at(wire.Invariants, i)
		if err := c.invariant(at); err != nil {
			return err
		}
		if i > 0 && bytes.Compare(v.Invariant(i-1).Path(), v.Invariant(i).Path()) >= 0 {
			return faultAt(at, "invariants do not ascend")
		}
	}
	return nil
}

// invariant wants the fields of its kind, and none of another.
func (c *checker) invariant(at int) error {
	if err := c.textLike(at+wire.InvariantPath, "path below /proc or /sys", policy.ValidInvariantPath[[]byte]); err != nil {
		return err
	}
	text, err := c.text(at + wire.InvariantText)
	if err != nil {
		return err
	}
	switch i := (Invariant{c.v, at}); {
	case i.Kind() > abi.InvariantAbsent:
		return faultAt(at+wire.InvariantKind, "there is no kind %d of invariant", i.Kind())
	case i.Kind() != abi.InvariantText && len(text) > 0:
		return faultAt(at+wire.InvariantText, "text %.64q of an invariant that is not judged by text", text)
	case i.Kind() != abi.InvariantRange && (i.Min() != 0 || i.Max() != 0):
		return faultAt(at+wire.InvariantMin, "range %d to %d of an invariant that is not judged by number", i.Min(), i.Max())
	case i.Min() > i.Max():
		return faultAt(at+wire.InvariantMin, "range %d to %d, which holds no number", i.Min(), i.Max())
	}
	return c.zero(at+wire.InvariantZero, at+wire.InvariantMin)
}
