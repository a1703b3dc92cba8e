package seccomp

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/bpf"

	"github.com/anchor-os/anchor/policy/abi"
)

// look answers what a tree says, as one would read it off.
func look(n *node, d data) uint32 {
	for !n.leaf() {
		value := d.word(uint32(n.word)) & n.mask
		next := n.arms[0].then
		for _, a := range n.arms {
			if a.first <= value {
				next = a.then
			}
		}
		n = next
	}
	return n.answer
}

// shape renders a tree for comparison: (word&mask first:outcome …).
func shape(n *node) any {
	if n.leaf() {
		return n.answer
	}
	arms := []any{n.word, n.mask}
	for _, a := range n.arms {
		arms = append(arms, a.first, shape(a.then))
	}
	return arms
}

func TestPasses(t *testing.T) {
	a, b := leaf(1), leaf(2)
	tests := []struct {
		name     string
		in, want *node
	}{
		{"trim: values above the mask", &node{mask: 6, arms: []arm{{0, a}, {6, b}, {7, a}}}, &node{mask: 6, arms: []arm{{0, a}, {6, b}}}},
		{"trim: all but the first", &node{mask: 3, arms: []arm{{0, a}, {4, b}}}, a},
		{"merge: neighbours", &node{mask: everyBit, arms: []arm{{0, a}, {1, a}, {5, b}, {6, leaf(2)}}}, &node{mask: everyBit, arms: []arm{{0, a}, {5, b}}}},
		{"merge: one outcome", &node{mask: everyBit, arms: []arm{{0, a}, {9, leaf(1)}}}, a},
		{"merge: nested", &node{mask: everyBit, arms: []arm{{0, a}, {9, &node{mask: 1, arms: []arm{{0, a}, {1, a}}}}}}, a},
		{"nothing to do", &node{mask: everyBit, arms: []arm{{0, a}, {9, b}}}, &node{mask: everyBit, arms: []arm{{0, a}, {9, b}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(shape(tt.want), shape(simplify(tt.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestShareMakesEqualLookupsOne(t *testing.T) {
	inner := func() *node { return lookup(argument(0), 7, leaf(1), match{3, leaf(2)}) }
	root := simplify(lookup(wordNumber, everyBit, leaf(1), match{10, inner()}, match{20, inner()}))
	if root.arms[1].then != root.arms[3].then {
		t.Error("the same lookup stands twice")
	}
}

func TestLookupAtTheEndsOfTheRange(t *testing.T) {
	n := lookup(wordNumber, everyBit, leaf(9), match{everyBit, leaf(2)}, match{0, leaf(1)}, match{1, leaf(3)})
	want := []any{wordNumber, uint32(everyBit), uint32(0), uint32(1), uint32(1), uint32(3), uint32(2), uint32(9), uint32(everyBit), uint32(2)}
	if diff := cmp.Diff(any(want), shape(n)); diff != "" {
		t.Error(diff)
	}
}

// Jumps over more than 255 instructions: what profiles need today fits below that,
// so these are made up.
func TestEmitReachesFarBlocks(t *testing.T) {
	alternating := make([]match, 250) // every second number
	blocks := make([]match, 200)      // two hundred different argument checks
	deep := leaf(9)                   // a chain of single bits, whose links share five other ways out
	for i := range uint32(250) {
		alternating[i] = match{2 * i, leaf(2)}
	}
	for i := range uint32(200) {
		blocks[i] = match{3 * i, lookup(argument(0), everyBit, leaf(7), match{i, leaf(1)}, match{1000 + i, leaf(i % 5)})}
	}
	for i := range uint32(6 * 32) {
		bit := uint32(1) << (i % 32)
		deep = lookup(argument(int(i/32)), bit, leaf(i%5), match{bit, deep})
	}
	shared := lookup(argument(5), everyBit, leaf(4), match{5, leaf(5)})
	sharing := []match{{0, shared}} // a lookup that both ends of the program lead to
	for i := range uint32(300) {
		sharing = append(sharing, match{2 + 2*i, lookup(argument(0), everyBit, shared, match{i, leaf(6)})})
	}
	tests := map[string]*node{
		"every second number": lookup(wordNumber, everyBit, leaf(3), alternating...),
		"200 argument blocks": lookup(wordNumber, everyBit, leaf(3), blocks...),
		"a chain of 192":      deep,
		"one shared lookup":   lookup(wordNumber, everyBit, shared, sharing...),
	}
	for name, tree := range tests {
		t.Run(name, func(t *testing.T) {
			program, err := emit(lower(simplify(tree)))
			if err != nil {
				t.Fatal(err)
			}
			filter := interpret(t, program)
			if !bridged(program) {
				t.Error("no way was so long that it had to be bridged")
			}
			random := rand.New(rand.NewPCG(1, 2))
			for range 20_000 {
				d := data{number: random.Uint32N(700)}
				for i := range d.args {
					d.args[i] = random.Uint64N(1300)
				}
				if tree == deep { // anything else leaves it at its first links
					d.args = [6]uint64{1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1}
					d.args[random.IntN(6)] &^= 1 << random.IntN(33)
				}
				if got, want := filter.answer(d), look(tree, d); got != want {
					t.Fatalf("%+v: the filter answers %d, the tree %d", d, got, want)
				}
			}
		})
	}
}

// A conditional jump spans 255 instructions, and a bridge for one of its sides
// moves the other one farther away: every distance around that, for both sides.
func TestEmitAtEveryDistance(t *testing.T) {
	for links := range uint32(300) {
		x, y := &block{answer: 1}, &block{answer: 2}
		chain := &block{test: bpf.JumpEqual, value: 9999, yes: x, no: y}
		for i := range links {
			chain = &block{test: bpf.JumpEqual, value: i, yes: chain, no: chain}
		}
		for _, far := range []*block{
			{test: bpf.JumpEqual, value: 1, yes: x, no: y},
			{test: bpf.JumpEqual, value: 1, yes: y, no: x},
			{test: bpf.JumpEqual, value: 1, yes: chain, no: x},
		} {
			load := []bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}}
			far.load = []bpf.Instruction{bpf.LoadAbsolute{Off: 4, Size: 4}}
			root := &block{load: load, test: bpf.JumpGreaterOrEqual, value: 5000, yes: chain, no: far}
			program, err := emit(root)
			if err != nil {
				t.Fatal(err)
			}
			filter := interpret(t, program)
			for _, d := range []data{{number: 0, arch: 0}, {number: 0, arch: 1}, {number: 9999}, {number: 5000}} {
				if got, want := filter.answer(d), follow(root, d); got != want {
					t.Fatalf("%d links: the filter answers %d, the blocks %d", links, got, want)
				}
			}
		}
	}
}

// follow answers what blocks say, for the two words that the test above loads.
func follow(b *block, d data) uint32 {
	var a uint32
	for !b.leaf() {
		for _, load := range b.load {
			a = d.word(load.(bpf.LoadAbsolute).Off)
		}
		if b.test == bpf.JumpEqual && a == b.value || b.test == bpf.JumpGreaterOrEqual && a >= b.value {
			b = b.yes
		} else {
			b = b.no
		}
	}
	return b.answer
}

// bridged reports whether a program has a long jump or the same answer twice.
func bridged(program []abi.Instruction) bool {
	seen := map[abi.Instruction]bool{}
	for _, i := range program {
		if i.Op == 0x05 || i.Op == 0x06 && seen[i] {
			return true
		}
		seen[i] = true
	}
	return false
}

func TestEmitRefusesWhatTheKernelWould(t *testing.T) {
	var matches []match
	for i := range uint32(5000) {
		matches = append(matches, match{i, leaf(i % 7)})
	}
	_, err := emit(lower(simplify(lookup(wordNumber, everyBit, leaf(9), matches...))))
	want := "cannot fit the filter into 4096 instructions: it takes 5157"
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestWorstPath(t *testing.T) {
	var (
		load = abi.Instruction{Op: 0x20}
		ret  = abi.Instruction{Op: 0x06}
	)
	type answer struct {
		Worst int
		Err   error
	}
	tests := []struct {
		name    string
		program []abi.Instruction
		want    answer
	}{
		{"one answer", []abi.Instruction{ret}, answer{Worst: 1}},
		{"the longer side counts", []abi.Instruction{load, {Op: 0x15, Jt: 2}, load, load, ret}, answer{Worst: 5}},
		{"dead code does not", []abi.Instruction{{Op: 0x05, K: 3}, load, load, load, ret}, answer{Worst: 2}},
		{"nothing", nil, answer{Err: errors.New("the filter is empty")}},
		{"too long", make([]abi.Instruction, 4097), answer{Err: errors.New("the filter has 4097 instructions, more than 4096")}},
		{"an end without an answer", []abi.Instruction{load}, answer{Err: errors.New("instruction 0: it leads past the end")}},
		{"a jump past the end", []abi.Instruction{{Op: 0x05, K: 1}, ret}, answer{Err: errors.New("instruction 0: it leads past the end")}},
		{"a jump that would wrap around", []abi.Instruction{{Op: 0x05, K: 0xffffffff}, ret}, answer{Err: errors.New("instruction 0: it leads past the end")}},
		{"one side past the end", []abi.Instruction{load, {Op: 0x15, Jt: 0, Jf: 1}, ret}, answer{Err: errors.New("instruction 1: it leads past the end")}},
		{"a load outside the data", []abi.Instruction{{Op: 0x20, K: 64}, ret}, answer{Err: errors.New("instruction 0: no filter of this compiler holds {Op:32 Jt:0 Jf:0 K:64}")}},
		{"a load across two words", []abi.Instruction{{Op: 0x20, K: 2}, ret}, answer{Err: errors.New("instruction 0: no filter of this compiler holds {Op:32 Jt:0 Jf:0 K:2}")}},
		{"a store", []abi.Instruction{{Op: 0x02}, ret}, answer{Err: errors.New("instruction 0: no filter of this compiler holds {Op:2 Jt:0 Jf:0 K:0}")}},
		{"an answer from the accumulator", []abi.Instruction{load, {Op: 0x16}}, answer{Err: errors.New("instruction 1: no filter of this compiler holds {Op:22 Jt:0 Jf:0 K:0}")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			worst, err := WorstPath(tt.program)
			sameError := cmp.Comparer(func(a, b error) bool { return a == nil && b == nil || a != nil && b != nil && a.Error() == b.Error() })
			if diff := cmp.Diff(tt.want, answer{worst, err}, sameError); diff != "" {
				t.Error(diff)
			}
		})
	}
}
