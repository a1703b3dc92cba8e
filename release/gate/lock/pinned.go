package lock

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/jsontree"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

var (
	revForm = lazyregexp.New(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	noRev   = lazyregexp.New(`^0+$`)
)

// sri reports whether a text is a SHA-256 as Nix writes it.
func sri(text string) bool {
	encoded, ok := strings.CutPrefix(text, "sha256-")
	sum, err := base64.StdEncoding.Strict().DecodeString(encoded)
	return ok && err == nil && len(sum) == 32 && strings.Trim(string(sum), "\x00") != ""
}

// judgeLocked holds one node against the rules that need no other one.
func judgeLocked(f jsontree.Field, locked, original *jsontree.Value) *Locked {
	l := &Locked{Node: f.Key, Rest: rest(f.Value, locked, original), places: map[string]diag.Range{}}
	for _, a := range locked.Fields {
		l.places[a.Name] = a.Value.Place
	}
	j := &judge{Locked: l, name: diag.Quote(f.Name), locked: locked}
	var err error
	if l.From, err = origin(locked); err != nil {
		j.error(diag.LockForm, l.at("type", "url"), "what %s is locked to %v", j.name, err)
		return l
	}
	asked, err := origin(original)
	if err != nil {
		j.error(diag.LockForm, original.Place, "what %s was asked for as %v", j.name, err)
		return l
	}
	for _, name := range []string{"ref", "rev"} {
		if v := original.Get(name); v != nil {
			l.Asked = strings.TrimPrefix(l.Asked+" "+v.Text, " ")
		}
	}
	if l.From.local || asked.local {
		j.local(asked, original)
		return l
	}
	j.pinned()
	j.asked(asked, original)
	j.signed(original)
	return l
}

// judge is one node under judgement.
type judge struct {
	*Locked
	name   string
	locked *jsontree.Value
}

func (j *judge) error(code diag.Code, at diag.Range, format string, args ...any) *diag.Diagnostic {
	return j.faults.Error(code, at, fmt.Sprintf(format, args...))
}

func (j *judge) local(asked Origin, original *jsontree.Value) {
	at, o := j.at("type"), j.From
	if asked.local {
		o = asked
		at = original.Place
		if t := original.Get("type"); t != nil {
			at = t.Place
		}
	}
	if o.Type == "indirect" {
		d := j.error(diag.InputLocal, at, "the input %s is looked up in a registry", j.name)
		d.Detail = "What a registry says differs from machine to machine and from day to day."
		d.Hint = "write the input's URL in flake.nix"
		return
	}
	d := j.error(diag.InputLocal, at, "the input %s is a path of this machine", j.name)
	d.Detail = "No other machine has it, so nobody else can build or audit what is made of it."
	d.Hint = "put it into this flake, or into a repository of its own"
}

// pinned demands a revision and the hash of the content.
func (j *judge) pinned() {
	j.Rev = text(j.locked, "rev")
	j.NarHash = text(j.locked, "narHash")
	if v := j.locked.Get("lastModified"); v != nil {
		j.LastModified = natural(v.Text)
	}
	switch {
	case j.Rev == "":
		d := j.error(diag.InputUnpinned, j.Node, "the input %s is locked to no revision", j.name)
		d.Detail = "Without one, nobody can look up what was reviewed, or get it again."
		d.Hint = "use an input of the type github, gitlab, sourcehut or git, and lock it again"
	case !revForm.MatchString(j.Rev) || noRev.MatchString(j.Rev):
		j.error(diag.InputUnpinned, j.at("rev"), "the rev of the input %s is no revision", j.name).
			Detail = "A revision is 40 or 64 hexadecimal digits in lower case."
	}
	switch {
	case j.NarHash == "":
		j.error(diag.InputUnpinned, j.Node, "the input %s is locked by no narHash", j.name).
			Detail = "The revision says what to ask for; only the hash says whether that is what came."
	case !sri(j.NarHash):
		j.error(diag.InputUnpinned, j.at("narHash"), "the narHash of the input %s is no SHA-256", j.name).
			Detail = "It is sha256- and 32 bytes in base 64, not all of them zero."
	}
	switch {
	case j.LastModified == 0:
		j.error(diag.InputUnpinned, j.Node, "the input %s is locked without lastModified", j.name).
			Detail = "Without the date of its revision, nobody can see that an input went back in time."
	case j.LastModified > time.Now().Add(48*time.Hour).Unix():
		j.error(diag.InputUnpinned, j.at("lastModified"), "the lastModified of the input %s is in the future", j.name).
			Detail = "No revision has that date yet, and any later one would seem to go back in time."
	}
	j.way()
	for _, loose := range []string{"ref", "dirtyRev", "dirtyShortRev"} {
		if _, there := j.places[loose]; there {
			j.error(diag.InputUnpinned, j.at(loose), "the input %s is locked to a %s", j.name, loose).
				Detail = "A branch or tag may stand in original, which says what to update to; what is built is locked by rev alone. A dirty tree has no revision at all."
		}
	}
}

// way demands a type of which each state has a revision, and that nobody on the way
// can answer in the place of the host, as the gate on flake.nix does.
func (j *judge) way() {
	switch {
	case hosts[j.From.Type] != "":
	case j.From.Type != "git":
		j.error(diag.InputUnpinned, j.at("type"), "the input %s has the type %s, of which a lock has no revision", j.name, j.From.Type).
			Hint = "use an input of the type github, gitlab, sourcehut or git, and lock it again"
	case j.From.Scheme != "https" && j.From.Scheme != "ssh":
		j.error(diag.InputUnpinned, j.at("url"), "the input %s comes by %s", j.name, j.From.Scheme).
			Detail = "Whoever is on the way could answer in the place of the host. It is https or ssh."
	}
}

// asked demands that an input is locked to what flake.nix asks for. Nix compares only
// what flake.nix asks for with what the lock says that it asked for.
func (j *judge) asked(from Origin, original *jsontree.Value) {
	if what := j.From.differs(from); what != "" {
		d := j.error(diag.InputElsewhere, j.at(what, "owner", "url", "type"), "the input %s is locked to %s, but %s was asked for", j.name, diag.Quote(j.From.String()), diag.Quote(from.String()))
		d.Detail = "Nix builds what an input is locked to, and does not compare it with what was asked for: this is how a lock is poisoned."
		d.Related = []diag.Related{{Message: "asked for", Range: original.Place}}
		d.Hint = "delete the input from the lock, and lock it again"
		return
	}
	if rev := original.Get("rev"); rev != nil && rev.Text != j.Rev && j.Rev != "" {
		d := j.error(diag.InputElsewhere, j.at("rev"), "the input %s is locked to another revision than the one that was asked for", j.name)
		d.Related = []diag.Related{{Message: "asked for", Range: rev.Place}}
	}
}
