package lock

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/jsontree"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// version is the only one that Nix has written since 2020.
const version = "7"

// maxFaults is how many are said of one lock: what is none could have one in each key.
const maxFaults = 100

// reader is the state of one Read.
type reader struct {
	source *diag.Source
	nodes  map[string]*node
	root   string
	found  map[string]string // what lists to follow lead to
	faults diag.List         // of form and of the graph: without them there are inputs
}

// node is one entry of nodes.
type node struct {
	key    diag.Range
	edges  []edge // in the order of the file
	locked *Locked
}

// edge is one input of a node: another node, or a path to follow from the root.
type edge struct {
	name    string
	key     diag.Range
	value   diag.Range
	node    string
	follows []string // not nil if there is no node
}

func (r *reader) error(code diag.Code, at diag.Range, format string, args ...any) *diag.Diagnostic {
	if len(r.faults) >= maxFaults {
		return &diag.Diagnostic{} // which nobody reads
	}
	return r.faults.Error(code, at, fmt.Sprintf(format, args...))
}

func (r *reader) file(v *jsontree.Value) {
	if !r.object(v, "the lock", "nodes", "root", "version") {
		return
	}
	at := v.Get("version")
	if at == nil || at.Kind != jsontree.Number || at.Text != version {
		place := v.Place
		if place.End = place.Start + 1; at != nil {
			place = at.Place
		}
		r.error(diag.LockVersion, place, "the lock is not of version "+version).
			Detail = "Other versions have other fields; nix flake lock of any recent Nix writes this one."
		return
	}
	r.root = r.text(v, "root", "the lock")
	nodes := v.Get("nodes")
	if nodes == nil || nodes.Kind != jsontree.Object {
		r.error(diag.LockForm, v.Place.Source.Range(v.Place.Start, v.Place.Start+1), "the lock has no object nodes")
		return
	}
	switch {
	case r.root == "":
		return // and that was noted
	case nodes.Get(r.root) == nil:
		r.error(diag.LockGraph, v.Get("root").Place, "there is no node %s", diag.Quote(r.root))
		return
	}
	for _, f := range nodes.Fields {
		r.nodes[f.Name] = r.node(f)
	}
}

func (r *reader) node(f jsontree.Field) *node {
	n := &node{key: f.Key}
	r.name(f.Name, f.Key)
	what := "the node " + diag.Quote(f.Name)
	known := []string{"inputs", "locked", "original", "flake"} // and of a path within its parent, which is refused
	if f.Name == r.root {
		known = known[:1] // it is this flake
	}
	if !r.object(f.Value, what, known...) {
		return n
	}
	if flag := f.Value.Get("flake"); flag != nil && flag.Kind != jsontree.Bool {
		r.error(diag.LockForm, flag.Place, "flake is %s, want %s", flag.Kind, jsontree.Bool)
	}
	if inputs := f.Value.Get("inputs"); inputs != nil && r.object(inputs, "inputs") {
		for _, i := range inputs.Fields {
			n.edges = append(n.edges, r.edge(i))
		}
	}
	if f.Name == r.root {
		return n
	}
	locked, original := r.attributes(f, "locked"), r.attributes(f, "original")
	if locked != nil && original != nil {
		n.locked = judgeLocked(f, locked, original)
	}
	return n
}

// edge reads an input of a node: the name of a node, or a list to follow.
func (r *reader) edge(f jsontree.Field) edge {
	r.name(f.Name, f.Key)
	e := edge{name: f.Name, key: f.Key, value: f.Value.Place}
	texts, list := f.Value.Texts()
	switch {
	case f.Value.Kind == jsontree.String:
		e.node = f.Value.Text
	case list:
		e.follows = append([]string{}, texts...)
		for i, name := range texts {
			r.name(name, f.Value.Items[i].Place)
		}
	default:
		r.error(diag.LockForm, f.Value.Place, "the input %s is %s, want the name of a node or a list of names to follow", diag.Quote(f.Name), f.Value.Kind)
	}
	return e
}

var (
	nameForm = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_'.+-]{0,99}$`)
	textForm = lazyregexp.New(`^[!-~]{1,500}$`)
)

func (r *reader) name(name string, at diag.Range) {
	if !nameForm.MatchString(name) {
		r.error(diag.LockForm, at, "%s is no name of an input", diag.Quote(name)).
			Detail = "Names are letters, digits and _ ' . + -, of which the first is a letter or _."
	}
}

// object reports whether v is an object that has no keys but those known; without
// any, all are.
func (r *reader) object(v *jsontree.Value, what string, known ...string) bool {
	if v.Kind != jsontree.Object {
		r.error(diag.LockForm, v.Place, "%s is %s, want an object", what, v.Kind)
		return false
	}
	for _, f := range v.Fields {
		if len(known) > 0 && !strings.Contains(" "+strings.Join(known, " ")+" ", " "+f.Name+" ") {
			d := r.error(diag.LockForm, f.Key, "%s has no key %s", what, diag.Quote(f.Name))
			d.Detail = "It has: " + strings.Join(known, ", ") + "."
			d.Hint = diag.DidYouMean(f.Name, known)
		}
	}
	return true
}

func (r *reader) text(v *jsontree.Value, key, what string) string {
	t := v.Get(key)
	if t == nil || t.Kind != jsontree.String || t.Text == "" {
		place := r.source.Range(v.Place.Start, v.Place.Start+1)
		if t != nil {
			place = t.Place
		}
		r.error(diag.LockForm, place, "%s has no text %s", what, key)
		return ""
	}
	return t.Text
}

// kinds gives the attributes of an input that Nix knows (src/libfetchers), with the
// kind of their values.
var kinds = map[string]jsontree.Kind{
	"type": jsontree.String, "id": jsontree.String, "path": jsontree.String, "url": jsontree.String,
	"host": jsontree.String, "owner": jsontree.String, "repo": jsontree.String, "dir": jsontree.String,
	"ref": jsontree.String, "rev": jsontree.String, "narHash": jsontree.String, "name": jsontree.String,
	"dirtyRev": jsontree.String, "dirtyShortRev": jsontree.String, "treeHash": jsontree.String,
	"publicKey": jsontree.String, "publicKeys": jsontree.String, "keytype": jsontree.String,
	"lastModified": jsontree.Number, "revCount": jsontree.Number,
	"allRefs": jsontree.Bool, "shallow": jsontree.Bool, "submodules": jsontree.Bool, "exportIgnore": jsontree.Bool,
	"lfs": jsontree.Bool, "verifyCommit": jsontree.Bool, "unpack": jsontree.Bool,
}

// attributes reads what an input is locked to or asked for as.
func (r *reader) attributes(f jsontree.Field, key string) *jsontree.Value {
	v := f.Value.Get(key)
	if v == nil || v.Kind != jsontree.Object {
		r.error(diag.LockForm, f.Key, "the node %s has no object %s", diag.Quote(f.Name), key)
		return nil
	}
	sound := true
	for _, a := range v.Fields {
		kind, known := kinds[a.Name]
		switch {
		case !known:
			sound = false
			r.error(diag.LockForm, a.Key, "%s is no attribute of an input", diag.Quote(a.Name)).
				Detail = "Nix knows none of that name; what it says would be judged by nobody."
		case a.Value.Kind != kind:
			sound = false
			r.error(diag.LockForm, a.Value.Place, "%s is %s, want %s", a.Name, a.Value.Kind, kind)
		case kind == jsontree.String && !textForm.MatchString(a.Value.Text):
			sound = false
			r.error(diag.LockForm, a.Value.Place, "%s is not 1 to 500 printable ASCII characters without blanks", a.Name)
		case kind == jsontree.Number && natural(a.Value.Text) <= 0:
			sound = false
			r.error(diag.LockForm, a.Value.Place, "%s is no whole number above 0", a.Name)
		}
	}
	if !sound {
		return nil
	}
	return v
}

func natural(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
