package blob

import (
	"bytes"
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// FormatError says where a blob breaks the format and how.
type FormatError struct {
	Offset int    // byte of the blob
	Fault  string // lower case, no full stop
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("cannot decode policy blob: byte 0x%x: %s", e.Offset, e.Fault)
}

func faultAt(offset int, format string, args ...any) error {
	return &FormatError{offset, fmt.Sprintf(format, args...)}
}

// Decode checks b, all of it, and returns a View of it. Its error is always a
// *FormatError. What the values mean is judged where policies are made and verified
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
	v       *View
	next    [wire.Tables]int // first record of each table that no list has claimed
	strUsed [wire.MaxStrings / 64]uint64
	filUsed [abi.MaxRooms/64 + 1]uint64 // one is Bay0's
}

// mark sets bit i and reports whether it was set before.
func mark(set []uint64, i int) bool {
	word, bit := &set[i/64], uint64(1)<<(i%64)
	was := *word&bit != 0
	*word |= bit
	return was
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
	if n := v.count[wire.Rooms]; n < 1 || n > abi.MaxRooms {
		return faultAt(wire.HeaderCounts+4*wire.Rooms, "%d rooms, want 1 to %d", n, abi.MaxRooms)
	}
	if n := v.count[wire.Strings]; n > wire.MaxStrings {
		return faultAt(wire.HeaderCounts+4*wire.Strings, "%d strings, want at most %d", n, wire.MaxStrings)
	}
	return nil
}

// strings wants the string heap to be exactly the strings, each followed by one
// NUL, in strictly ascending order.
func (c *checker) strings() error {
	v, end := c.v, uint64(0)
	text := v.b[v.start[wire.Text]:]
	var last []byte
	for i := range v.count[wire.Strings] {
		at := v.at(wire.Strings, i)
		from, n := uint64(v.u32(at+wire.StringOffset)), uint64(v.u32(at+wire.StringLength))
		if from != end {
			return faultAt(at, "string %d starts at %d of the text, want %d", i, from, end)
		}
		if end = from + n + 1; n > abi.MaxString || end > uint64(len(text)) {
			return faultAt(at, "string %d of %d bytes is too long", i, n)
		}
		s := text[from : from+n]
		if nul := bytes.IndexByte(text[from:end], 0); nul != int(n) {
			return faultAt(at, "string %d does not end in its only NUL", i)
		}
		if i > 0 && bytes.Compare(last, s) >= 0 {
			return faultAt(at, "string %d does not follow the one before it in order", i)
		}
		last = s
	}
	if end != uint64(len(text)) {
		return faultAt(v.start[wire.Text]+int(end), "%d bytes of text belong to no string", uint64(len(text))-end)
	}
	return nil
}

// filters wants the same of the programs: back to back, ascending, none empty.
func (c *checker) filters() error {
	v, end := c.v, uint64(0)
	var last []byte
	if n := v.count[wire.Filters]; n > v.count[wire.Rooms]+1 {
		return faultAt(wire.HeaderCounts+4*wire.Filters, "%d filters for %d rooms and Bay0", n, v.count[wire.Rooms])
	}
	for i := range v.count[wire.Filters] {
		at := v.at(wire.Filters, i)
		first, n := uint64(v.u32(at+wire.FilterFirst)), uint64(v.u32(at+wire.FilterCount))
		if first != end {
			return faultAt(at, "filter %d starts at instruction %d, want %d", i, first, end)
		}
		if end = first + n; n < 1 || n > abi.MaxInstructions || end > uint64(v.count[wire.Instructions]) {
			return faultAt(at, "filter %d has %d instructions, want 1 to %d", i, n, abi.MaxInstructions)
		}
		program := v.b[v.at(wire.Instructions, int(first)):v.at(wire.Instructions, int(end))]
		if i > 0 && bytes.Compare(last, program) >= 0 {
			return faultAt(at, "filter %d does not follow the one before it in order", i)
		}
		last = program
	}
	if end != uint64(v.count[wire.Instructions]) {
		return faultAt(v.at(wire.Instructions, int(end)), "%d instructions belong to no filter", uint64(v.count[wire.Instructions])-end)
	}
	return nil
}

// allUsed refuses what no room refers to: it would be a second encoding of the
// same policy, and a place to hide bytes in.
func (c *checker) allUsed() error {
	v := c.v
	for t := wire.FirstList; t <= wire.LastList; t++ {
		if c.next[t] != v.count[t] {
			return faultAt(v.at(t, c.next[t]), "%s record %d belongs to no list", wire.TableNames[t], c.next[t])
		}
	}
	for i := range v.count[wire.Strings] {
		if !mark(c.strUsed[:], i) {
			return faultAt(v.at(wire.Strings, i), "string %d is not used", i)
		}
	}
	for i := range v.count[wire.Filters] {
		if !mark(c.filUsed[:], i) {
			return faultAt(v.at(wire.Filters, i), "filter %d is not used", i)
		}
	}
	return nil
}
