package lock

import (
	"maps"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
)

// inputs walks the nodes from the root, and gives each input by its path. Two names
// for one node would be one path too many to review: Nix writes a second name as
// something to follow.
func (r *reader) inputs() map[string]*Input {
	all := map[string]*Input{}
	reached := map[string]bool{r.root: true}
	type visit struct{ path, node string }
	for queue := []visit{{"", r.root}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, e := range r.nodes[at.node].edges {
			path := strings.TrimPrefix(at.path+"/"+e.name, "/")
			input := &Input{Path: path, Place: e.key}
			all[path] = input
			if e.follows != nil {
				input.Follows = strings.Join(e.follows, "/")
				r.follow(e)
				continue
			}
			next, there := r.nodes[e.node]
			switch {
			case !there:
				r.error(diag.LockGraph, e.value, "the input %s is a node %s that does not exist", diag.Quote(path), diag.Quote(e.node))
				continue
			case reached[e.node]:
				r.error(diag.LockGraph, e.value, "the node %s is the input of two, or of itself", diag.Quote(e.node)).
					Detail = "Nix writes nodes as a tree, and as a list to follow what is used twice. A circle of nodes would end nowhere."
				continue
			}
			reached[e.node] = true
			input.Locked = next.locked
			queue = append(queue, visit{path, e.node})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.nodes)) {
		if !reached[name] {
			r.error(diag.LockGraph, r.nodes[name].key, "no input leads to the node %s", diag.Quote(name)).
				Detail = "Nix drops such a node when it writes the lock, so somebody else wrote it."
		}
	}
	return all
}

// follow notes a list that leads nowhere, or round in a circle.
func (r *reader) follow(e edge) {
	switch r.find(e.follows) {
	case circular:
		r.error(diag.LockGraph, e.value, "the input %s follows itself", diag.Quote(e.name))
	case nowhere:
		r.error(diag.LockGraph, e.value, "the input %s follows %s, which leads nowhere", diag.Quote(e.name), diag.Quote(strings.Join(e.follows, "/"))).
			Detail = "A list to follow names inputs, one of the other, from this flake on."
	}
}

// What find says of a list that leads to no node.
const (
	nowhere  = "\x00nowhere"
	circular = "\x00circular"
)

// find gives the node that a list leads to, as Nix's doFind does. What a list leads to
// is kept: while it is being looked for, coming upon it again is a circle, and later
// it saves the way.
func (r *reader) find(list []string) string {
	path := strings.Join(list, "\x00") // which is in no name
	if known, ok := r.found[path]; ok {
		return known
	}
	r.found[path] = circular
	at := r.root
	for _, name := range list {
		if at = r.step(at, name); at == nowhere || at == circular {
			break
		}
	}
	r.found[path] = at
	return at
}

// step gives the node that is an input of a node.
func (r *reader) step(at, name string) string {
	i := slices.IndexFunc(r.nodes[at].edges, func(e edge) bool { return e.name == name })
	switch {
	case i < 0:
		return nowhere
	case r.nodes[at].edges[i].follows != nil:
		return r.find(r.nodes[at].edges[i].follows)
	case r.nodes[r.nodes[at].edges[i].node] == nil:
		return nowhere
	}
	return r.nodes[at].edges[i].node
}
