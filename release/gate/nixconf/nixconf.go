// Package nixconf is the gate on Nix's settings on a machine that builds: they decide
// whether a build is kept from the network and from the machine's files, and whose
// work is taken in the place of a build.
//
// The rules are data (rules.go), each with a reason and a source. A setting that is not
// given counts as Nix's default, that of Nix 2.26: a default may be refused as well.
package nixconf

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/jsontree"
)

// MaxSize is the largest file that is read, in bytes: what nix config show --json
// writes, with its descriptions, is some 70,000.
const MaxSize = jsontree.MaxSize

// maxFaults is how many are said of one file: what is none has one in each line.
const maxFaults = 100

// Settings is what a machine's Nix is set to.
type Settings struct {
	Source *diag.Source
	given  map[string]setting // by the name that Nix has for it today
	shown  bool               // it is what holds, defaults among it, and not a file
}

// setting is one setting as it is given; true and false are words too.
type setting struct {
	words []word
	place diag.Range
}

type word struct {
	text  string
	place diag.Range
}

// Read reads a nix.conf, or what nix config show --json writes. The latter is what
// holds: it has the user's settings and those of the environment in it.
func Read(name string, text []byte) (*Settings, diag.List) {
	s := &Settings{Source: diag.NewSource(name, text), given: map[string]setting{}}
	if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		s.shown = true
		return s, s.json()
	}
	return s, s.lines()
}

// lines reads a nix.conf as Nix does (src/libutil/configuration.cc): a line is cut at
// the first #, and the words of the rest are a name, = and a value.
func (s *Settings) lines() (faults diag.List) {
	if len(s.Source.Text) > MaxSize {
		s.Source = diag.NewSource(s.Source.Name, nil)
		faults.Error(diag.TooLarge, s.Source.Whole(), fmt.Sprintf("the file has more than %d bytes", MaxSize))
		return faults
	}
	at := 0
	for line := range bytes.Lines(s.Source.Text) {
		if len(faults) >= maxFaults {
			break
		}
		s.line(&faults, s.split(line, at))
		at += len(line)
	}
	return faults
}

// split gives the words of a line that begins at a byte.
func (s *Settings) split(line []byte, at int) (words []word) {
	if i := bytes.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
	}
	for i := 0; i < len(line); {
		n := bytes.IndexAny(line[i:], " \t\r\n")
		if n < 0 {
			n = len(line) - i
		}
		if n > 0 {
			words = append(words, word{string(line[i : i+n]), s.Source.Range(at+i, at+i+n)})
		}
		i += n + 1
	}
	return words
}

func (s *Settings) line(faults *diag.List, words []word) {
	if len(words) == 0 {
		return
	}
	whole := words[0].place
	whole.End = words[len(words)-1].place.End
	switch {
	case words[0].text == "include" || words[0].text == "!include":
		d := faults.Error(diag.SettingElsewhere, whole, "another file is included, which is not judged")
		d.Detail = "What it says can undo what this file says."
		d.Hint = "judge what holds: nix config show --json | passportc gate nixconf /dev/stdin"
	case len(words) < 2 || words[1].text != "=":
		faults.Error(diag.SettingSyntax, whole, "the line is no setting").
			Detail = "A setting is a name, = and a value, with blanks between; Nix reads no file that has another line."
	default:
		s.set(words[0].text, setting{words[2:], whole})
	}
}

// set takes a setting as Nix does: the last one holds, and extra- adds to a list.
func (s *Settings) set(name string, value setting) {
	if base, extra := strings.CutPrefix(name, "extra-"); extra {
		r := rule(base)
		if r == nil || !r.list {
			return // no setting: Nix warns of it and goes on
		}
		if before, given := s.given[r.name]; given {
			value.words = append(before.words, value.words...) // which nobody else has
		} else {
			value.words = append(r.defaults(), value.words...)
		}
		s.given[r.name] = value
		return
	}
	if r := rule(name); r != nil {
		s.given[r.name] = value
	}
}

// json reads what nix config show --json writes: an object for each setting.
func (s *Settings) json() diag.List {
	root, faults := jsontree.Read(s.Source.Name, s.Source.Text)
	if faults.HasErrors() {
		return faults
	}
	for _, f := range root.Fields {
		value := f.Value.Get("value")
		if value == nil {
			faults.Error(diag.SettingSyntax, f.Key, fmt.Sprintf("the setting %s has no value", diag.Quote(f.Name))).
				Detail = "Each setting that nix config show --json writes is an object with its value."
			continue
		}
		words, ok := wordsOf(value)
		if r := rule(f.Name); r != nil && !ok {
			faults.Error(diag.SettingSyntax, value.Place, fmt.Sprintf("the value of the setting %s is %s, which it can't be", diag.Quote(f.Name), value.Kind))
		} else if r != nil {
			s.given[r.name] = setting{words, f.Key}
		}
	}
	return faults
}

// wordsOf gives the words of a value: of a text, of a list of texts, or the keys of an
// object.
func wordsOf(v *jsontree.Value) (words []word, ok bool) {
	switch v.Kind {
	case jsontree.String:
		for _, text := range strings.Fields(v.Text) {
			words = append(words, word{text, v.Place})
		}
	case jsontree.Bool:
		words = []word{{v.Text, v.Place}}
	case jsontree.Array:
		for _, item := range v.Items {
			if item.Kind != jsontree.String {
				return nil, false
			}
			words = append(words, word{item.Text, item.Place})
		}
	case jsontree.Object:
		for _, f := range v.Fields {
			words = append(words, word{f.Name, f.Key})
		}
	case jsontree.Number:
		return nil, false
	}
	return words, true
}
