package abi

// Instruction is one classic BPF instruction, field for field the kernel's
// struct sock_filter (include/uapi/linux/filter.h).
type Instruction struct {
	Op     uint16
	Jt, Jf uint8
	K      uint32
}

// MaxInstructions is BPF_MAXINSNS: the kernel refuses a longer filter.
const MaxInstructions = 4096
