package seccomp

import (
	"errors"
	"fmt"

	"golang.org/x/net/bpf"

	"github.com/anchor-os/anchor/policy/abi"
)

// WorstPath returns how many instructions the longest path through a filter
// executes. It is the proof that the filter is safe to run: every instruction is
// of a kind that Compile emits, every load lies within struct seccomp_data, every
// jump leads forward to an instruction of the program, and so every path ends in
// an answer.
func WorstPath(program []abi.Instruction) (int, error) {
	if len(program) == 0 {
		return 0, errors.New("the filter is empty")
	}
	if len(program) > abi.MaxInstructions {
		return 0, fmt.Errorf("the filter has %d instructions, more than %d", len(program), abi.MaxInstructions)
	}
	// Jumps only lead forward: from the end, the paths of all targets are known.
	worst := make([]int, len(program))
	for i := len(program) - 1; i >= 0; i-- {
		skips, err := successors(program[i])
		if err != nil {
			return 0, fmt.Errorf("instruction %d: %w", i, err)
		}
		for _, skip := range skips {
			if skip >= uint32(len(program)-1-i) {
				return 0, fmt.Errorf("instruction %d: it leads past the end", i)
			}
			worst[i] = max(worst[i], worst[i+1+int(skip)])
		}
		worst[i]++
	}
	return worst[0], nil
}

// successors returns how many instructions each way on from an instruction skips:
// none for an answer.
func successors(raw abi.Instruction) ([]uint32, error) {
	switch i := bpf.RawInstruction(raw).Disassemble().(type) {
	case bpf.RetConstant:
		return nil, nil
	case bpf.Jump:
		return []uint32{i.Skip}, nil
	case bpf.JumpIf:
		return []uint32{uint32(i.SkipTrue), uint32(i.SkipFalse)}, nil
	case bpf.ALUOpConstant:
		if i.Op == bpf.ALUOpAnd {
			return []uint32{0}, nil
		}
	case bpf.LoadAbsolute:
		if i.Size == 4 && i.Off%4 == 0 && i.Off < dataSize {
			return []uint32{0}, nil
		}
	}
	return nil, fmt.Errorf("no filter of this compiler holds %+v", raw)
}
