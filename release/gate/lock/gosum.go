package lock

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// MaxSum is the largest go.sum that is read, in bytes.
const MaxSum = 4 << 20

// Sum is what a go.sum says (go.dev/ref/mod, go.sum files).
type Sum struct {
	hashes   map[module.Version]hash
	versions map[string][]string // of modules whose content is there, not their go.mod alone
	Faults   diag.List
}

type hash struct {
	text  string
	place diag.Range
}

// ReadSum reads a go.sum. Of two hashes for one version Go accepts either, so the
// second is a finding here.
func ReadSum(name string, text []byte) *Sum {
	src := diag.NewSource(name, text)
	s := &Sum{hashes: map[module.Version]hash{}, versions: map[string][]string{}}
	if len(text) > MaxSum {
		s.Faults.Error(diag.TooLarge, diag.NewSource(name, nil).Whole(), fmt.Sprintf("the file has more than %d bytes", MaxSum))
		return s
	}
	at := 0
	for line := range bytes.Lines(text) {
		s.line(string(line), src.Range(at, at+len(bytes.TrimRight(line, "\n"))))
		at += len(line)
	}
	return s
}

func (s *Sum) line(line string, place diag.Range) {
	text, whole := strings.CutSuffix(line, "\n")
	fields := strings.Split(text, " ")
	if len(fields) != 3 || !whole || !h1(fields[2]) || !checked(fields[0], fields[1]) {
		s.Faults.Error(diag.SumSyntax, place, "the line is no line of a go.sum").
			Detail = "A line is a module, its version, for its go.mod alone with /go.mod behind, and a hash: h1: and 32 bytes in base 64; a blank between each, and a line feed behind."
		return
	}
	v := module.Version{Path: fields[0], Version: fields[1]}
	first, known := s.hashes[v]
	switch {
	case known && first.text != fields[2]:
		d := s.Faults.Error(diag.InputAltered, place, fmt.Sprintf("there are two hashes for %s %s", v.Path, v.Version))
		d.Detail = "Go accepts a module that has either."
		d.Related = []diag.Related{{Message: "first", Range: first.place}}
		return
	case !known && !strings.HasSuffix(v.Version, "/go.mod"):
		s.versions[v.Path] = append(s.versions[v.Path], v.Version)
	}
	s.hashes[v] = hash{fields[2], place}
}

func h1(text string) bool {
	encoded, ok := strings.CutPrefix(text, "h1:")
	sum, err := base64.StdEncoding.Strict().DecodeString(encoded)
	return ok && err == nil && len(sum) == 32
}

func checked(path, version string) bool {
	return module.Check(path, strings.TrimSuffix(version, "/go.mod")) == nil
}

// CompareSums adds what lies between two go.sum files: the modules of which a version
// came or went, and any version whose hash changed.
func (d *Delta) CompareSums(old, new *Sum) {
	altered := map[string]diag.List{}
	for v, is := range new.hashes {
		if was, known := old.hashes[v]; known && was.text != is.text {
			altered[v.Path] = append(altered[v.Path], alteredSum(v, was, is)...)
		}
	}
	paths := map[string]bool{}
	for _, all := range []map[string][]string{old.versions, new.versions} {
		for path := range all {
			paths[path] = true
		}
	}
	for path := range altered {
		paths[path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		was, is := old.state(path), new.state(path)
		found := altered[path]
		if len(found) == 0 && (was == is || was != nil && is != nil && *was == *is) {
			continue
		}
		found = append(found, old.older(new, path)...)
		d.Faults = append(d.Faults, found...)
		d.add(Change{In: inSum, Name: path, Old: was, New: is}, found)
	}
}

func alteredSum(v module.Version, was, is hash) (found diag.List) {
	f := found.Error(diag.InputAltered, is.place, fmt.Sprintf("the hash of %s %s changed, and its version did not", v.Path, v.Version))
	f.Detail = "A version of a module has one content for good, which Go's checksum database keeps."
	f.Hint = "find out where the change comes from before anything is built of it"
	f.Related = []diag.Related{{Message: "before", Range: was.place}}
	return found
}

// state gives the versions of a module, nil if there are none.
func (s *Sum) state(path string) *State {
	versions := s.versions[path]
	switch len(versions) {
	case 0:
		return nil
	case 1:
		return &State{Version: versions[0], Hash: s.hashes[module.Version{Path: path, Version: versions[0]}].text}
	}
	semver.Sort(versions)
	return &State{Version: strings.Join(versions, ", ")}
}

// older notes a module whose highest version is lower than before.
func (s *Sum) older(new *Sum, path string) (found diag.List) {
	was, is := s.versions[path], new.versions[path]
	if len(was) == 0 || len(is) == 0 {
		return nil
	}
	highest := func(versions []string) string { return slices.MaxFunc(versions, semver.Compare) }
	from, to := highest(was), highest(is)
	if semver.Compare(to, from) >= 0 {
		return nil
	}
	at := func(s *Sum, version string) diag.Range {
		return s.hashes[module.Version{Path: path, Version: version}].place
	}
	f := found.Error(diag.InputOlder, at(new, to), fmt.Sprintf("the module %s went back from %s to %s", path, from, to))
	f.Detail = "What was mended in between would be broken again."
	f.Hint = "take a later version that has what you go back for"
	f.Related = []diag.Related{{Message: "before", Range: at(s, from)}}
	return found
}
