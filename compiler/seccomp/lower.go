package seccomp

import "golang.org/x/net/bpf"

// A block is straight-line code with one way out: a leaf returns its answer, any
// other tests the accumulator and goes on at yes or no.
type block struct {
	answer uint32 // of a leaf

	load    []bpf.Instruction // what the accumulator needs; none where it holds the word already
	test    bpf.JumpTest
	value   uint32
	yes, no *block
}

func (b *block) leaf() bool { return b.yes == nil }

// lower turns each lookup into a balanced tree of compares, so that a lookup of n
// ranges takes about log2(n) of them, whichever it is.
func lower(root *node) *block {
	l := lowering{}
	return l.block(root)
}

// A lowering remembers the block of each node: what is shared stays shared.
type lowering map[*node]*block

func (l lowering) block(n *node) *block {
	if b, ok := l[n]; ok {
		return b
	}
	var b *block
	if n.leaf() {
		b = &block{answer: n.answer}
	} else {
		b = l.search(n.arms)
		b.load = n.load()
	}
	l[n] = b
	return b
}

// search decides between two or more arms, knowing that the accumulator holds a
// value that belongs to one of them.
func (l lowering) search(arms []arm) *block {
	if len(arms) == 3 && arms[0].then == arms[2].then && arms[2].first == arms[1].first+1 {
		return &block{test: bpf.JumpEqual, value: arms[1].first, yes: l.block(arms[1].then), no: l.block(arms[0].then)}
	}
	middle := len(arms) / 2
	return &block{
		test: bpf.JumpGreaterOrEqual, value: arms[middle].first,
		yes: l.half(arms[middle:]), no: l.half(arms[:middle]),
	}
}

func (l lowering) half(arms []arm) *block {
	if len(arms) == 1 {
		return l.block(arms[0].then)
	}
	return l.search(arms)
}

func (n *node) load() []bpf.Instruction {
	load := []bpf.Instruction{bpf.LoadAbsolute{Off: uint32(n.word), Size: 4}}
	if n.mask != everyBit {
		load = append(load, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: n.mask})
	}
	return load
}
