package lock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/jsontree"
)

// shownApart are the attributes of locked, and those of original, that a State has a
// field for.
var (
	shownApart = []string{"type", "url", "host", "owner", "repo", "dir", "rev", "narHash", "lastModified"}
	askedApart = []string{"type", "url", "host", "owner", "repo", "dir", "ref", "rev"}
)

// signers are the attributes that say whose signature a revision needs.
var signers = []string{"verifyCommit", "publicKey", "publicKeys", "keytype"}

// rest gives the attributes of a node that have no field of their own, as words sorted:
// flake=false, verifyCommit=true, original.submodules=true. No value has a blank.
func rest(node, locked, original *jsontree.Value) string {
	var words []string
	if flag := node.Get("flake"); flag != nil {
		words = append(words, "flake="+flag.Text)
	}
	note := func(prefix string, v *jsontree.Value, apart []string) {
		for _, a := range v.Fields {
			if !slices.Contains(apart, a.Name) {
				words = append(words, prefix+a.Name+"="+a.Value.Text)
			}
		}
	}
	note("", locked, shownApart)
	note("original.", original, askedApart)
	slices.Sort(words)
	return strings.Join(words, " ")
}

// attribute gives one of the rest, "" if it is not there.
func (l *Locked) attribute(name string) string { return attribute(l.Rest, name) }

func attribute(rest, name string) string {
	for _, word := range strings.Fields(rest) {
		if value, is := strings.CutPrefix(word, name+"="); is {
			return value
		}
	}
	return ""
}

// attributes tells of attributes that are not what they were.
func (c Change) attributes() (text string) {
	if c.Old == nil || c.New == nil || c.Old.From == "" || c.New.From == "" {
		return ""
	}
	var names []string
	for _, word := range strings.Fields(c.Old.Rest + " " + c.New.Rest) {
		name, _, _ := strings.Cut(word, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	value := func(s *State, name string) string {
		if v := attribute(s.Rest, name); v != "" {
			return v
		}
		return "none"
	}
	for _, name := range slices.Compact(names) {
		if was, is := value(c.Old, name), value(c.New, name); was != is {
			text += fmt.Sprintf(", %s %s → %s", name, was, is)
		}
	}
	return text
}

// signed demands the signature that was asked for.
func (j *judge) signed(original *jsontree.Value) {
	for _, name := range signers {
		is, asked := text(j.locked, name), text(original, name)
		if is == asked {
			continue
		}
		place := original.Place
		if v := original.Get(name); v != nil {
			place = v.Place
		}
		d := j.error(diag.InputElsewhere, j.at(name), "the input %s is locked with %s, but %s was asked for", j.name, value(name, is), value(name, asked))
		d.Detail = "Whose signature a revision needs is part of where it comes from."
		d.Related = []diag.Related{{Message: "asked for", Range: place}}
		d.Hint = "delete the input from the lock, and lock it again"
	}
}

func value(name, text string) string {
	if text == "" {
		return "no " + name
	}
	return name + " " + diag.Quote(text)
}

// resigned judges whose signature an input needs that both locks have.
func resigned(name string, was, is *Locked) (found diag.List) {
	for _, attribute := range signers {
		before, now := was.attribute(attribute), is.attribute(attribute)
		if before == now {
			continue
		}
		f := found.Error(diag.InputElsewhere, is.at(attribute), fmt.Sprintf("the input %s has %s and had %s", name, value(attribute, now), value(attribute, before)))
		f.Detail = "Whose signature a revision needs is part of where it comes from."
		f.Hint = "give it another name in flake.nix: then it is a new input, and is reviewed as one"
		f.Related = []diag.Related{{Message: "before", Range: was.at(attribute)}}
	}
	return found
}

// content refuses an input of which the lock and flake.nix differ in whether it is a
// flake: Nix reads the files of one that is none, and runs the code of the other.
func (l *Lock) content(name string, isFlake bool) {
	input := l.Inputs[name]
	if input.Locked == nil || isFlake == (input.Locked.attribute("flake") != "false") {
		return
	}
	says := map[bool]string{true: "a flake", false: "no flake"}
	d := l.Faults.Error(diag.LockForm, input.Locked.Node, fmt.Sprintf("the input %s is %s here, and %s in flake.nix", diag.Quote(name), says[!isFlake], says[isFlake]))
	d.Detail = "The code of a flake is run, and of what is none the files are data."
	d.Hint = "run nix flake lock"
}
