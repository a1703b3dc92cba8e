package encode

import (
	"maps"
	"slices"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// pool interns byte strings: each stands once, in ascending order.
type pool struct {
	size   int // of a record of the table that they are laid in, in bytes
	places map[string]uint32
}

func newPool(size int) *pool { return &pool{size, map[string]uint32{}} }

func (p *pool) add(values ...string) {
	for _, s := range values {
		p.places[s] = 0
	}
}

// lay gives each its place, with end behind it, and returns the table.
func (p *pool) lay(end string) (table []byte) {
	for _, s := range slices.Sorted(maps.Keys(p.places)) {
		p.places[s] = uint32(len(table) / p.size)
		table = append(append(table, s...), end...)
	}
	return table
}

// reach appends the range of s.
func (p *pool) reach(b []byte, s string) []byte {
	return le.AppendUint32(le.AppendUint32(b, p.places[s]), uint32(len(s)/p.size))
}

// collect interns every string and filter of p.
func (e *encoder) collect(p policy.Policy) {
	t := e.texts
	t.add(p.CommandLine)
	e.filters.add(program(p.Filter))
	for _, i := range p.Invariants {
		t.add(i.Path, i.Text)
	}
	for i := range p.Rooms {
		r := &p.Rooms[i]
		e.filters.add(program(r.Filter))
		t.add(r.Name, r.Hostname, r.Directory)
		t.add(r.Argv...)
		t.add(r.Environment...)
		for _, s := range r.Cgroup {
			t.add(s.File, s.Value)
		}
		for _, m := range r.Mounts {
			t.add(m.Target, m.Type, m.Partition)
			for _, o := range m.Options {
				t.add(o.Key, o.Value)
			}
		}
		for _, b := range r.Binds {
			t.add(b.Target, b.Source)
		}
		for _, f := range r.Files {
			t.add(f.Target, f.Content)
		}
		for _, s := range r.Sockets {
			t.add(s.Name, s.Path)
		}
		for _, rule := range r.Landlock.Paths {
			t.add(rule.Path)
		}
	}
}

const instructionSize = 8 // struct sock_filter: u16 code, u8 jt, u8 jf, u32 k

// program is a filter as the bytes of its instructions.
func program(filter []abi.Instruction) string {
	b := make([]byte, 0, len(filter)*instructionSize)
	for _, i := range filter {
		b = le.AppendUint16(b, i.Op)
		b = append(b, i.Jt, i.Jf)
		b = le.AppendUint32(b, i.K)
	}
	return string(b)
}
