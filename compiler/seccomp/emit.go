package seccomp

import (
	"fmt"
	"slices"

	"golang.org/x/net/bpf"

	"github.com/anchor-os/anchor/policy/abi"
)

// farthest is how many instructions a conditional jump can skip: 255, less one
// that the other side of the same jump may put in between.
const farthest = 254

// An emitter writes a program from its end to its beginning: BPF only jumps
// forward, so whatever a block leads to has its place before the block has one.
type emitter struct {
	reversed []bpf.Instruction
	at       map[*block]int // where in reversed a block begins
}

// emit lays out the blocks below root, which is executed first.
func emit(root *block) ([]abi.Instruction, error) {
	e := emitter{at: map[*block]int{}}
	e.place(root)
	if n := len(e.reversed); n > abi.MaxInstructions {
		return nil, fmt.Errorf("cannot fit the filter into %d instructions: it takes %d", abi.MaxInstructions, n)
	}
	slices.Reverse(e.reversed)
	raw, err := bpf.Assemble(e.reversed)
	if err != nil {
		return nil, fmt.Errorf("cannot assemble the filter: %w", err)
	}
	program := make([]abi.Instruction, len(raw))
	for i, instruction := range raw {
		program[i] = abi.Instruction(instruction)
	}
	return program, nil
}

// place writes b and whatever it leads to, once.
func (e *emitter) place(b *block) {
	if _, ok := e.at[b]; ok {
		return
	}
	if b.leaf() {
		e.write(bpf.RetConstant{Val: b.answer})
	} else {
		e.place(b.yes)
		e.place(b.no)
		e.bring(b.yes)
		e.bring(b.no)
		e.write(bpf.JumpIf{Cond: b.test, Val: b.value, SkipTrue: uint8(e.distance(b.yes)), SkipFalse: uint8(e.distance(b.no))})
		for _, instruction := range slices.Backward(b.load) {
			e.write(instruction)
		}
	}
	e.at[b] = len(e.reversed) - 1
}

func (e *emitter) write(i bpf.Instruction) { e.reversed = append(e.reversed, i) }

// distance is how many instructions lie between the one written next and b.
func (e *emitter) distance(b *block) int { return len(e.reversed) - 1 - e.at[b] }

// bring sees to it that b, placed already, can be reached from the instruction
// after next: if it is too far it gets a second beginning here. Of a leaf that is
// a copy, which costs no more than the long jump to it.
func (e *emitter) bring(b *block) {
	distance := e.distance(b)
	if distance <= farthest {
		return
	}
	if b.leaf() {
		e.write(bpf.RetConstant{Val: b.answer})
	} else {
		e.write(bpf.Jump{Skip: uint32(distance)})
	}
	e.at[b] = len(e.reversed) - 1
}
