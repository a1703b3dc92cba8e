package encode

import (
	"slices"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// pool interns byte strings and numbers them in ascending order.
type pool struct {
	sorted  []string
	numbers map[string]uint32
}

func newPool() *pool { return &pool{numbers: map[string]uint32{}} }

func (p *pool) add(values ...string) {
	for _, s := range values {
		p.numbers[s] = 0
	}
}

func (p *pool) sort() {
	for s := range p.numbers {
		p.sorted = append(p.sorted, s)
	}
	slices.Sort(p.sorted)
	for i, s := range p.sorted {
		p.numbers[s] = uint32(i)
	}
}

func (p *pool) number(s string) uint32 { return p.numbers[s] }

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

// program is a filter as the bytes of its instructions.
func program(filter []abi.Instruction) string {
	b := make([]byte, 0, len(filter)*wire.InstructionSize)
	for _, i := range filter {
		b = le.AppendUint16(b, i.Op)
		b = append(b, i.Jt, i.Jf)
		b = le.AppendUint32(b, i.K)
	}
	return string(b)
}
