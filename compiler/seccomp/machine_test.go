package seccomp

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"

	"github.com/anchor-os/anchor/policy/abi"
)

// data is the kernel's struct seccomp_data without the instruction pointer, which
// no filter here looks at.
type data struct {
	number uint32
	arch   uint32
	args   [6]uint64
}

// word returns the 32 bits at a byte offset as a little-endian machine has them.
func (d data) word(offset uint32) uint32 {
	switch {
	case offset == 0:
		return d.number
	case offset == 4:
		return d.arch
	case offset < 16:
		return 0x5a5a5a5a
	}
	return uint32(d.args[(offset-16)/8] >> (8 * (offset % 8)))
}

// packet lays the data out for x/net/bpf, which loads words big-endian, where the
// kernel's seccomp loads them as the machine does.
func (d data) packet() []byte {
	p := make([]byte, 64)
	for offset := uint32(0); offset < 64; offset += 4 {
		binary.BigEndian.PutUint32(p[offset:], d.word(offset))
	}
	return p
}

// An interpreter runs a filter on x/net/bpf's machine and, to count instructions,
// on one of its own; the two must agree.
type interpreter struct {
	t       testing.TB
	program []abi.Instruction
	vm      *bpf.VM
	worst   int
}

func interpret(t testing.TB, program []abi.Instruction) *interpreter {
	t.Helper()
	worst, err := WorstPath(program)
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]bpf.RawInstruction, len(program))
	for i, instruction := range program {
		raw[i] = bpf.RawInstruction(instruction)
	}
	instructions, all := bpf.Disassemble(raw)
	if !all {
		t.Fatal("x/net/bpf does not know every instruction of the filter")
	}
	vm, err := bpf.NewVM(instructions)
	if err != nil {
		t.Fatal(err)
	}
	return &interpreter{t, program, vm, worst}
}

func (m *interpreter) answer(d data) uint32 {
	answer, _ := m.run(d)
	return answer
}

// run returns the answer and how many instructions it took.
func (m *interpreter) run(d data) (answer uint32, steps int) {
	theirs, err := m.vm.Run(d.packet())
	if err != nil {
		m.t.Fatalf("%+v: %v", d, err)
	}
	answer, steps = m.step(d)
	if uint32(theirs) != answer {
		m.t.Fatalf("%+v: x/net/bpf answers %#x, the counting interpreter %#x", d, theirs, answer)
	}
	if steps > m.worst {
		m.t.Fatalf("%+v: %d instructions, more than the worst path of %d", d, steps, m.worst)
	}
	return answer, steps
}

// step executes the six opcodes that a filter has (include/uapi/linux/bpf_common.h).
func (m *interpreter) step(d data) (answer uint32, steps int) {
	var a uint32
	for pc := 0; ; pc++ {
		i := m.program[pc]
		steps++
		skip := func(condition bool) {
			if condition {
				pc += int(i.Jt)
			} else {
				pc += int(i.Jf)
			}
		}
		switch i.Op {
		case 0x20: // ld [k]
			a = d.word(i.K)
		case 0x54: // and #k
			a &= i.K
		case 0x15: // jeq #k
			skip(a == i.K)
		case 0x35: // jge #k
			skip(a >= i.K)
		case 0x05: // ja k
			pc += int(i.K)
		case 0x06: // ret #k
			return i.K, steps
		default:
			m.t.Fatalf("instruction %d has opcode %#x", pc, i.Op)
		}
	}
}

// compiled compiles a Spec that must compile.
func compiled(t testing.TB, arch abi.Arch, s Spec) []abi.Instruction {
	t.Helper()
	program, err := Compile(arch, s)
	if err != nil {
		t.Fatal(err)
	}
	return program
}
