package blob

import (
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// faultAt says at which byte a blob breaks the format and how: lower case, no full
// stop.
func faultAt(offset int, format string, args ...any) error {
	return fmt.Errorf("cannot decode policy blob: byte 0x%x: "+format, append([]any{offset}, args...)...)
}

// Decode returns a View of b once every access to it is in bounds, and refuses what
// Bay0 never does. Whether the bytes are the one encoding of what they say, and whether
// that may be said, is judged where policies are made and verified (encode.Read): Bay0
// is booted with a command line that vouches for them.
func Decode(b []byte) (*View, error) {
	v := &View{b: b}
	// The order matters: each pass reads only what an earlier one has bounded.
	for _, pass := range []func() error{v.header, v.tables, v.references, v.floor} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *View) header() error {
	if len(v.b) < wire.HeaderSize {
		return faultAt(len(v.b), "the blob ends inside its header of %d bytes", wire.HeaderSize)
	}
	if string(v.b[:len(wire.Magic)]) != wire.Magic {
		return faultAt(0, "no policy blob: the magic number is missing")
	}
	if major, minor := v.u16(8), v.u16(10); major != wire.Major || minor > wire.Minor {
		return faultAt(8, "format version %d.%d is unknown, this reader knows %d.%d", major, minor, wire.Major, wire.Minor)
	}
	return nil
}

// tables places the tables one behind the other.
func (v *View) tables() error {
	at := wire.HeaderSize
	for t, table := range wire.Layout {
		field := wire.HeaderCounts + 4*t
		v.start[t], v.count[t] = at, int(v.u32(field))
		at += v.count[t] * table.Size // ≤ 16 × 2³² × 256: no overflow in 64 bits
		if at > len(v.b) {
			return faultAt(field, "table %s with %d records does not fit in the blob", table.Name, v.count[t])
		}
	}
	return nil
}

// references wants every range to lie in its table, and every number of a room to be
// one.
func (v *View) references() error {
	if err := v.within(wire.HeaderRanges, wire.InHeader); err != nil {
		return err
	}
	for t, table := range wire.Layout {
		for i := range v.count[t] {
			if err := v.within(v.at(t, i), table.Ranges); err != nil {
				return err
			}
		}
	}
	for i := range v.count[wire.After] {
		if at := v.at(wire.After, i); int(v.u32(at)) >= v.Rooms() {
			return faultAt(at, "there is no room %d", v.u32(at))
		}
	}
	return nil
}

func (v *View) within(at int, tables []int) error {
	for i, t := range tables {
		l := record{v, at}.list(i*wire.RangeSize, t)
		if l.first+l.len > v.count[t] {
			return faultAt(at+i*wire.RangeSize, "there are no %d records of %s from %d on", l.len, wire.Layout[t].Name, l.first)
		}
		if t == wire.Text && l.len > abi.MaxString {
			return faultAt(at+i*wire.RangeSize, "a string of %d bytes, want at most %d", l.len, abi.MaxString)
		}
	}
	return nil
}
