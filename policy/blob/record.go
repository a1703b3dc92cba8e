package blob

import (
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// record is one record of a table, or the header. Its fields are read by their
// offsets in it.
type record struct {
	v  *View
	at int
}

func (r record) u32(field int) uint32 { return r.v.u32(r.at + field) }
func (r record) u64(field int) uint64 { return r.v.u64(r.at + field) }

// text is the string to which the range at field reaches.
func (r record) text(field int) []byte {
	l := r.list(field, wire.Text)
	from := r.v.at(wire.Text, l.first)
	return r.v.b[from : from+l.len : from+l.len]
}

// list is the run of records of a table to which the range at field reaches.
func (r record) list(field, table int) list {
	return list{r.v, table, int(r.u32(field)), int(r.u32(field + 4))}
}

// filter is the program to which the range at field reaches.
func (r record) filter(field int) Filter { return Filter{r.list(field, wire.Instructions)} }

// list is a run of records of one table.
type list struct {
	v                 *View
	table, first, len int
}

// Len is the number of entries; At takes 0 ≤ i < Len.
func (l list) Len() int { return l.len }

func (l list) record(i int) record { return l.v.record(l.table, l.first+i) }

// Words is a list of strings.
type Words struct{ list }

func (w Words) At(i int) []byte { return w.record(i).text(0) }

// Numbers is a list of rooms, by their places in the View, or of gids.
type Numbers struct{ list }

func (n Numbers) At(i int) uint32 { return n.record(i).u32(0) }

// Pairs is a list of strings, two by two: cgroup files and their contents, mount
// options (fsconfig(2)) and theirs, files that the room finds and theirs.
type Pairs struct{ list }

func (p Pairs) At(i int) (key, value []byte) {
	r := p.record(i)
	return r.text(0), r.text(8)
}

// Filter is one BPF program.
type Filter struct{ list }

func (f Filter) At(i int) abi.Instruction {
	r := f.record(i)
	return abi.Instruction{Op: r.v.u16(r.at), Jt: r.v.b[r.at+2], Jf: r.v.b[r.at+3], K: r.u32(4)}
}

// Invariant has the meaning of policy.Invariant.
type Invariant struct{ record }

func (i Invariant) Path() []byte            { return i.text(0) }
func (i Invariant) Kind() abi.InvariantKind { return abi.InvariantKind(i.u32(32)) }
func (i Invariant) Text() []byte            { return i.text(8) }
func (i Invariant) Min() int64              { return int64(i.u64(16)) }
func (i Invariant) Max() int64              { return int64(i.u64(24)) }
