package seccomp

import "fmt"

// A pass rewrites one node whose arms lead to nodes that are simplified already.
// It keeps what the node answers to every input.
type pass struct {
	name  string
	apply func(*simplifier, *node) *node
}

// passes run on each node in this order: trim leaves neighbours for merge to join,
// and share comes last because only then do two nodes that mean the same look the
// same. Merge relies on that, one level up: it compares outcomes by identity.
var passes = []pass{
	{"trim", (*simplifier).trim},
	{"merge", (*simplifier).merge},
	{"share", (*simplifier).share},
}

type simplifier struct {
	done   map[*node]*node
	shared map[string]*node
	ids    map[*node]int // of the nodes in shared
}

// simplify runs the passes over the tree, from its leaves to its root. The tree
// comes back as a graph in which nothing stands twice.
func simplify(root *node) *node {
	s := &simplifier{map[*node]*node{}, map[string]*node{}, map[*node]int{}}
	return s.visit(root)
}

func (s *simplifier) visit(n *node) *node {
	if result, ok := s.done[n]; ok {
		return result
	}
	result := &node{answer: n.answer, word: n.word, mask: n.mask}
	for _, a := range n.arms {
		result.arms = append(result.arms, arm{a.first, s.visit(a.then)})
	}
	for _, p := range passes {
		result = p.apply(s, result)
	}
	s.done[n] = result
	return result
}

// trim drops the arms that no masked value can reach.
func (s *simplifier) trim(n *node) *node {
	for last := len(n.arms) - 1; last > 0 && n.arms[last].first > n.mask; last-- {
		n.arms = n.arms[:last]
	}
	return n
}

// merge joins neighbouring arms with the same outcome; a lookup that comes to the
// same whatever it finds is replaced by its outcome.
func (s *simplifier) merge(n *node) *node {
	var merged []arm
	for _, a := range n.arms {
		if len(merged) == 0 || merged[len(merged)-1].then != a.then {
			merged = append(merged, a)
		}
	}
	if len(merged) == 1 {
		return merged[0].then
	}
	n.arms = merged
	return n
}

// share lets one node stand for all that are equal to it.
func (s *simplifier) share(n *node) *node {
	if _, ok := s.ids[n]; ok {
		return n
	}
	key := fmt.Sprint(n.answer, n.word, n.mask)
	for _, a := range n.arms {
		key += fmt.Sprintf(" %d:%d", a.first, s.ids[a.then])
	}
	if other, ok := s.shared[key]; ok {
		return other
	}
	s.shared[key] = n
	s.ids[n] = len(s.ids)
	return n
}
