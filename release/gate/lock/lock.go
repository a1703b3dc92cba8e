// Package lock is the gate on what a build takes from elsewhere. It judges a
// flake.lock, and what lies between two of them, two go.sum files and two bills of
// materials.
//
// A flake.lock of version 7 (Nix: src/libflake/lockfile.cc) is accepted if each of its
// inputs is locked by revision and content to the place that flake.nix asks for, and
// if its inputs are a tree in which every "follows" leads somewhere. Nix itself reads
// more: older versions, inputs without a revision, keys given twice, nodes that
// nothing uses, and it never compares where an input is locked to with where it was
// asked for from.
//
// A bill of materials is what a build says of its tools, written by the build. It is a
// JSON object with a version for each name:
//
//	{"kernel": "6.12.107", "stub": "260.1", "go": "1.26.8", "squashfs-tools": "4.7.2"}
//
// These four names must be there; there may be more.
package lock

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/jsontree"
)

// Lock is what a flake.lock says.
type Lock struct {
	Source *diag.Source
	Inputs map[string]*Input // by path from the flake: "nixpkgs", "tool/nixpkgs"
	Faults diag.List
}

// Input is one input, or one name for another one.
type Input struct {
	Path    string     // from the flake
	Place   diag.Range // where its name stands
	Follows string     // the path of the input that it is a name for; "" if it is its own
	Locked  *Locked    // nil if it is only a name
}

// Locked is what an input is locked to.
type Locked struct {
	From         Origin
	Asked        string // for what of it: a branch, a tag or a revision; "" for the default
	Rev          string
	NarHash      string
	LastModified int64  // seconds since 1970
	Rest         string // all else that it is locked to and was asked for as, as name=value
	Node         diag.Range
	places       map[string]diag.Range // of the attributes of locked
	faults       diag.List
}

// at is the place of an attribute, or that of the node.
func (l *Locked) at(names ...string) diag.Range {
	for _, name := range names {
		if place, ok := l.places[name]; ok {
			return place
		}
	}
	return l.Node
}

// Read reads a flake.lock and judges it by itself. A lock that has no inputs to speak
// of, as one that is malformed, comes without them.
func Read(name string, text []byte) *Lock {
	l := &Lock{Source: diag.NewSource(name, text)}
	root, faults := jsontree.Read(name, text)
	l.Faults = faults
	if faults.HasErrors() {
		return l
	}
	r := &reader{source: l.Source, nodes: map[string]*node{}, found: map[string]string{}}
	r.file(root)
	if !r.faults.HasErrors() {
		l.Inputs = r.inputs()
	}
	l.Faults = r.faults
	for _, name := range slices.Sorted(maps.Keys(r.nodes)) {
		if locked := r.nodes[name].locked; locked != nil {
			l.Faults = append(l.Faults, locked.faults...)
		}
	}
	return l
}

// Demand refuses a lock that lacks an input of flake.nix, as Nix would look it up anew,
// or takes for a flake what flake.nix says is none. Inputs are those of flake.nix, each
// with whether it is a flake.
func (l *Lock) Demand(inputs map[string]bool) {
	if !l.Usable() {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		none := l.Inputs[name] == nil || strings.Contains(name, "/") // which in a lock is an input of an input
		if none {
			d := l.Faults.Error(diag.InputUnpinned, diag.NewSource(l.Source.Name, nil).Whole(), fmt.Sprintf("the lock has no input %s, and flake.nix has", diag.Quote(name)))
			d.Detail = "Whoever builds would lock it on that day, to whatever is there then."
			d.Hint = "run nix flake lock"
			continue
		}
		l.content(name, inputs[name])
	}
}

// Usable tells whether the lock can be compared with another one: its inputs are
// known, whatever is wrong with them.
func (l *Lock) Usable() bool { return l.Inputs != nil }

// Summary is the lock in one line: "3 inputs; no faults".
func (l *Lock) Summary() string {
	n := 0
	for _, i := range l.Inputs {
		if i.Locked != nil {
			n++
		}
	}
	return plural(n, "input") + "; " + l.Faults.Counts()
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
