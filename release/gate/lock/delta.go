package lock

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Delta is what lies between two states of what a build takes from elsewhere.
type Delta struct {
	Changes []Change
	Faults  diag.List // of changes that are refused
}

// Change is one thing that is not what it was.
type Change struct {
	In      string   `json:"in"` // flake.lock, go.sum or bill of materials
	Name    string   `json:"name"`
	Effect  Effect   `json:"effect"`
	Old     *State   `json:"old,omitempty"` // absent if it was added
	New     *State   `json:"new,omitempty"` // absent if it was removed
	Verdict Verdict  `json:"verdict"`
	Codes   []string `json:"codes"` // of the findings, if it is refused
}

// Effect is what happened to one thing.
type Effect string

const (
	Added   Effect = "added"
	Removed Effect = "removed"
	Moved   Effect = "moved"
)

// Verdict is what the gate has to say of one change. None is ever approved by a
// program: what it does not refuse, people review.
type Verdict string

const (
	Review  Verdict = "review"
	Refused Verdict = "refused"
)

// State is one thing on one side of a change; what is not known is "".
type State struct {
	From    string `json:"from,omitempty"`  // as one would write it in flake.nix
	Asked   string `json:"asked,omitempty"` // of flake.nix: a branch, a tag, a revision
	Version string `json:"version"`         // a revision, versions, or what is followed
	Date    string `json:"date,omitempty"`  // of the revision, as 2026-07-14
	Hash    string `json:"hash,omitempty"`
	Rest    string `json:"attributes,omitempty"` // all else, as name=value with blanks between
}

// add notes a change with its findings.
func (d *Delta) add(c Change, faults diag.List) {
	switch {
	case c.Old == nil:
		c.Effect = Added
	case c.New == nil:
		c.Effect = Removed
	default:
		c.Effect = Moved
	}
	c.Verdict, c.Codes = Review, []string{}
	for _, f := range faults {
		c.Verdict = Refused
		if code := f.Code.String(); !slices.Contains(c.Codes, code) {
			c.Codes = append(c.Codes, code)
		}
	}
	d.Changes = append(d.Changes, c)
}

// Names of the things that are compared.
const (
	inLock = "flake.lock"
	inSum  = "go.sum"
	inBill = "bill of materials"
)

// CompareLocks adds what lies between two locks, both usable. An input of an input that
// was not there before must be among those allowed, by its path; what is allowed and
// did not come in is given back.
func (d *Delta) CompareLocks(old, new *Lock, allowed []string) (needless []string) {
	paths := maps.Clone(old.Inputs)
	maps.Copy(paths, new.Inputs)
	needless = slices.Clone(allowed)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		was, is := old.Inputs[path], new.Inputs[path]
		if same(was, is) {
			continue
		}
		var found diag.List
		switch {
		case is == nil || is.Locked == nil:
		case was == nil || was.Locked == nil:
			if strings.Contains(path, "/") && !slices.Contains(allowed, path) {
				found = newInput(is)
			}
			needless = slices.DeleteFunc(needless, func(a string) bool { return a == path })
		default:
			found = moved(path, was.Locked, is.Locked)
		}
		d.Faults = append(d.Faults, found...)
		if is != nil && is.Locked != nil {
			found = append(found, is.Locked.faults...) // these are in the lock's own list
		}
		d.add(Change{In: inLock, Name: path, Old: was.state(), New: is.state()}, found)
	}
	return needless
}

func same(a, b *Input) bool {
	switch {
	case a == nil || b == nil:
		return a == b
	case a.Locked == nil || b.Locked == nil:
		return a.Locked == b.Locked && a.Follows == b.Follows
	}
	return *a.state() == *b.state() && a.Locked.LastModified == b.Locked.LastModified
}

func (i *Input) state() *State {
	switch {
	case i == nil:
		return nil
	case i.Locked == nil:
		return &State{Version: "follows " + i.Follows}
	}
	l := i.Locked
	return &State{From: l.From.String(), Asked: l.Asked, Version: l.Rev, Date: date(l.LastModified), Hash: l.NarHash, Rest: l.Rest}
}

func date(seconds int64) string {
	const last = 253402300799 // of the year 9999
	if seconds == 0 || seconds > last {
		return "" // none, or one that no commit has
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
}

func newInput(i *Input) (found diag.List) {
	f := found.Error(diag.InputNew, i.Place, fmt.Sprintf("the input %s came in with another one", diag.Quote(i.Path)))
	f.Detail = fmt.Sprintf("It comes from %s. flake.nix does not name it, so a review of flake.nix does not show it.", diag.Quote(i.Locked.From.String()))
	f.Hint = fmt.Sprintf("let it follow an input of this flake's own, or name it: --allow-input %s", i.Path)
	return found
}

// moved judges an input that both locks have.
func moved(path string, was, is *Locked) (found diag.List) {
	name := diag.Quote(path)
	found = resigned(name, was, is)
	note := func(place diag.Range) []diag.Related { return []diag.Related{{Message: "before", Range: place}} }
	if what := is.From.differs(was.From); what != "" {
		f := found.Error(diag.InputElsewhere, is.at(what, "owner", "url", "type"), fmt.Sprintf("the input %s comes from %s and came from %s", name, diag.Quote(is.From.String()), diag.Quote(was.From.String())))
		f.Detail = "Who controls an input is the first thing that a review of it asks."
		f.Hint = "give it another name in flake.nix: then it is a new input, and is reviewed as one"
		f.Related = note(was.at(what, "owner", "url", "type"))
		return found
	}
	if was.Rev == is.Rev && (was.NarHash != is.NarHash || was.LastModified != is.LastModified) {
		what := "narHash"
		if was.NarHash == is.NarHash {
			what = "lastModified"
		}
		f := found.Error(diag.InputAltered, is.at(what), fmt.Sprintf("the %s of the input %s changed, and its rev did not", what, name))
		f.Detail = "A revision names one content and one date for good: one of the two locks says what is not so."
		f.Hint = "find out where the change comes from before anything is built of it"
		f.Related = note(was.at(what))
		return found
	}
	if is.LastModified < was.LastModified {
		f := found.Error(diag.InputOlder, is.at("lastModified"), fmt.Sprintf("the input %s went back from %s to %s", name, date(was.LastModified), date(is.LastModified)))
		f.Detail = "What was mended in between would be broken again."
		f.Hint = "lock a later revision that has what you go back for"
		f.Related = note(was.at("lastModified"))
	}
	return found
}
