package blob

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// faultAt says at which byte a blob breaks the format and how: lower case, no full
// stop.
func faultAt(offset int, format string, args ...any) error {
	return fmt.Errorf("cannot decode policy blob: byte 0x%x: "+format, append([]any{offset}, args...)...)
}

// Decode checks b, all of it, and returns a View of it. What the values mean is judged where policies are made and verified
// (package judge): Bay0 is booted with a command line that vouches for the bytes.
func Decode(b []byte) (*View, error) {
	c := &checker{v: &View{b: b}}
	// The order matters: each pass reads only what an earlier one has bounded.
	for _, pass := range []func() error{
		c.header, c.tables, c.strings, c.filters, c.records, c.allUsed, c.floor,
	} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	return c.v, nil
}

// checker is the state of one pass over a blob.
type checker struct {
	v    *View
	next [wire.Tables]int    // first record of each table that no list has claimed
	used [wire.Tables][]bool // strings and filters that something refers to
}

func (c *checker) header() error {
	v := c.v
	switch {
	case len(v.b) < wire.HeaderSize:
		return faultAt(len(v.b), "the blob ends inside its header of %d bytes", wire.HeaderSize)
	case len(v.b) > wire.MaxBlob:
		return faultAt(wire.MaxBlob, "the blob is longer than %d bytes", wire.MaxBlob)
	case string(v.b[:len(wire.Magic)]) != wire.Magic:
		return faultAt(wire.HeaderMagic, "no policy blob: the magic number is missing")
	}
	if major, minor := v.u16(wire.HeaderMajor), v.u16(wire.HeaderMinor); major != wire.Major || minor > wire.Minor {
		return faultAt(wire.HeaderMajor, "format version %d.%d is unknown, this reader knows %d.%d", major, minor, wire.Major, wire.Minor)
	}
	if n := v.u32(wire.HeaderLength); int64(n) != int64(len(v.b)) {
		return faultAt(wire.HeaderLength, "the header says %d bytes, the blob has %d", n, len(v.b))
	}
	if !v.Arch().Valid() {
		return faultAt(wire.HeaderArch, "%v is unknown", v.Arch())
	}
	if f := v.u16(wire.HeaderFlags); f&^wire.FlagsKnown != 0 {
		return faultAt(wire.HeaderFlags, "unknown flags 0x%x", f&^wire.FlagsKnown)
	}
	return nil
}

// tables places the tables one behind the other and wants them to end with the blob.
func (c *checker) tables() error {
	v, at := c.v, wire.HeaderSize
	for t := range wire.Tables {
		field := wire.HeaderCounts + 4*t
		v.start[t], v.count[t] = at, int(v.u32(field))
		at += v.count[t] * wire.RecordSize[t] // ≤ 18 × 2³² × 240: no overflow in 64 bits
		if at > len(v.b) {
			return faultAt(field, "table %s with %d records does not fit in the blob", wire.TableNames[t], v.count[t])
		}
	}
	if at != len(v.b) {
		return faultAt(at, "%d bytes after the last table", len(v.b)-at)
	}
	switch rooms, strings, filters := v.count[wire.Rooms], v.count[wire.Strings], v.count[wire.Filters]; {
	case rooms < 1 || rooms > abi.MaxRooms:
		return faultAt(wire.HeaderCounts+4*wire.Rooms, "%d rooms, want 1 to %d", rooms, abi.MaxRooms)
	case strings > wire.MaxStrings:
		return faultAt(wire.HeaderCounts+4*wire.Strings, "%d strings, want at most %d", strings, wire.MaxStrings)
	case filters > rooms+1:
		return faultAt(wire.HeaderCounts+4*wire.Filters, "%d filters for %d rooms and Bay0", filters, rooms)
	}
	return nil
}

// strings wants each string to be followed by one NUL, which is its only one.
func (c *checker) strings() error {
	v := c.v
	if err := c.heap(wire.Strings, wire.Text, 0, abi.MaxString, 1); err != nil {
		return err
	}
	text := v.b[v.start[wire.Text]:]
	for i := range v.count[wire.Strings] {
		s := v.record(wire.Strings, i)
		if bytes.IndexByte(text[s.u32(wire.StringOffset):], 0) != int(s.u32(wire.StringLength)) {
			return faultAt(s.at, "string %d does not end in its only NUL", i)
		}
	}
	return nil
}

// filters wants none to be empty.
func (c *checker) filters() error {
	return c.heap(wire.Filters, wire.Instructions, 1, abi.MaxInstructions, 0)
}

// heap wants the records of a table to be ranges of another, of least to most
// records and so many behind them. They lie back to back, leave nothing of it, and
// ascend by what is in them.
func (c *checker) heap(table, of, least, most, behind int) error {
	v, name, end := c.v, wire.TableNames[table], 0
	var last []byte
	for i := range v.count[table] {
		r := v.record(table, i)
		first, n := int(r.u32(0)), int(r.u32(4))
		if first != end {
			return faultAt(r.at, "record %d of %s starts at %d of %s, want %d", i, name, first, wire.TableNames[of], end)
		}
		if end = first + n + behind; n < least || n > most || end > v.count[of] {
			return faultAt(r.at, "record %d of %s has a length of %d, want %d to %d", i, name, n, least, min(most, v.count[of]-first-behind))
		}
		b := v.b[v.at(of, first):v.at(of, first+n)]
		if i > 0 && bytes.Compare(last, b) >= 0 {
			return faultAt(r.at, "record %d of %s does not follow the one before it in order", i, name)
		}
		last = b
	}
	if end != v.count[of] {
		return faultAt(v.at(of, end), "%s claim %d records of %s, there are %d", name, end, wire.TableNames[of], v.count[of])
	}
	c.used[table] = make([]bool, v.count[table])
	return nil
}

// allUsed refuses what no room refers to: it would be a second encoding of the
// same policy, and a place to hide bytes in.
func (c *checker) allUsed() error {
	for t := wire.FirstList; t <= wire.LastList; t++ {
		if n := c.next[t]; n != c.v.count[t] {
			return faultAt(c.v.at(t, n), "record %d of %s belongs to no list", n, wire.TableNames[t])
		}
	}
	for t, used := range c.used {
		if i := slices.Index(used, false); i >= 0 {
			return faultAt(c.v.at(t, i), "record %d of %s is not used", i, wire.TableNames[t])
		}
	}
	return nil
}
