// Package flake is the gate on Nix expressions: what they fetch is pinned by a hash, what
// they build stays in the sandbox, and what they say does not depend on the machine that
// evaluates them. Nix refuses some of this by itself, but most of it only when it comes
// to build what is concerned, and some only if it is set so.
//
// The judge reads tokens, not values: it sees what is written where it is used, and
// refuses what is passed on under another name. What it cannot see is a name put
// together from parts, a builder that a file outside the flake defines, an import
// through a variable or by a path put together, of a build's result too, and a script
// that is a file of its own; the sandbox, the lock, pure evaluation and the setting
// allow-import-from-derivation stand against these.
package flake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/nixlang"
)

const (
	maxFiles  = 2000
	maxFaults = 100 // of one file: what is no expression of people's could have one in each word
)

// Report is what the gate has to say of a directory.
type Report struct {
	Files  int // that were judged
	Faults diag.List
}

// Summary is the report in one line: "3 .nix files; no faults".
func (r Report) Summary() string {
	if r.Files == 1 {
		return "1 .nix file; " + r.Faults.Counts()
	}
	return fmt.Sprintf("%d .nix files; %s", r.Files, r.Faults.Counts())
}

// JudgeAll judges every .nix file of a directory and those below it, but for .git and a
// top directory out, which holds what was built: nothing may be imported from there. A
// symbolic link of that suffix is refused, since what it leads to is not judged. The name
// of each is put behind dir for messages.
func JudgeAll(root fs.FS, dir string) (Report, error) {
	files, r, err := find(root, dir)
	judged := map[string]bool{}
	for _, j := range files {
		judged[j.name] = true
	}
	for _, j := range files {
		if j.judge != nil {
			j.judge.reach(j.name, judged)
			r.Faults = append(r.Faults, j.judge.faults...)
		}
	}
	if err == nil && r.Files == 0 {
		err = errors.New("there is no .nix file")
	}
	return r, err
}

// found is a file with its name from the root, and what is known of it; nil if it
// cannot be read as Nix.
type found struct {
	name  string
	judge *judge
}

// find judges each file by itself.
func find(root fs.FS, dir string) (files []found, r Report, err error) {
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "out" || d.Name() == ".git"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".nix":
			return nil
		case !d.Type().IsRegular():
			r.Faults.Error(diag.Impure, diag.NewSource(path.Join(dir, name), nil).Whole(), "a .nix file is a link, or no file at all").
				Detail = "What it leads to can be outside the flake, and was judged by nobody."
			return nil
		}
		text, err := read(root, name)
		if err != nil {
			return err
		}
		if r.Files++; r.Files > maxFiles {
			return fmt.Errorf("there are more than %d .nix files", maxFiles)
		}
		j, faults := judgeFile(path.Join(dir, name), text)
		if files = append(files, found{name, j}); j == nil {
			r.Faults = append(r.Faults, faults...)
		}
		return nil
	})
	return files, r, err
}

// read reads a file up to one byte beyond the limit.
func read(root fs.FS, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(f, nixlang.MaxSize+1))
	return b.Bytes(), err
}

// Judge judges one file. One named flake.nix is judged as a flake too.
func Judge(name string, text []byte) diag.List {
	_, faults := judgeFile(name, text)
	return faults
}

// judgeFile judges one file by itself; without a judge if it is malformed.
func judgeFile(name string, text []byte) (*judge, diag.List) {
	f, faults := nixlang.Read(name, text)
	if faults.HasErrors() {
		return nil, faults
	}
	j := &judge{File: f, mention: mentions(f), lets: lets(f)}
	j.built = j.builds()
	for i, t := range f.Tokens {
		if j.full() {
			break
		}
		switch t.Kind {
		case nixlang.Ident:
			j.name(i, t.Text)
		case nixlang.Path, nixlang.SearchPath:
			j.path(i)
		case nixlang.Open:
			j.quoted(i)
			if t.Text == `"` || t.Text == "''" {
				j.command(i)
			}
		}
	}
	if path.Base(name) == "flake.nix" {
		j.flake()
	}
	return j, j.faults
}

// judge is one file under judgement.
type judge struct {
	*nixlang.File
	mention map[int]mention
	lets    []bool // of each token, whether it is in a binding of a let
	built   []int  // of each token, the next that names what has to be built or fetched
	faults  diag.List
}

func (j *judge) full() bool { return len(j.faults) >= maxFaults }

func (j *judge) error(code diag.Code, at diag.Range, format string, args ...any) *diag.Diagnostic {
	if j.full() {
		return &diag.Diagnostic{} // which nobody reads
	}
	return j.faults.Error(code, at, fmt.Sprintf(format, args...))
}

// mention is how a name stands where it is no expression.
type mention uint8

const (
	formal    mention = iota + 1 // of a function's head
	inherited                    // of the names around
	drawn                        // inherited of an expression: it is what is used later
)

// mentions finds the names that are no expressions.
func mentions(f *nixlang.File) map[int]mention {
	found := map[int]mention{}
	for i, t := range f.Tokens {
		if f.IsHead(i) {
			for _, name := range f.Formals(i) {
				found[name] = formal
			}
		}
		if !t.Is(nixlang.Ident, "inherit") {
			continue
		}
		how := inherited
		if i++; f.At(i).Is(nixlang.Open, "(") {
			i, how = f.End(i)+1, drawn
		}
		for ; f.At(i).Kind != 0 && !f.At(i).Is(nixlang.Operator, ";") && f.At(i).Kind != nixlang.Close; i = f.End(i) + 1 {
			found[i] = how
		}
	}
	return found
}

// lets tells of each token whether it is in a binding of a let: what that names is used
// under that name, while a set hands its values on without.
func lets(f *nixlang.File) []bool {
	in, open := make([]bool, len(f.Tokens)), []int{0} // how many lets, for each bracket
	for i, t := range f.Tokens {
		top := len(open) - 1
		if t.Kind == nixlang.Close {
			open, top = open[:top], top-1
		}
		in[i] = open[top] > 0
		switch {
		case t.Kind == nixlang.Open:
			open = append(open, 0)
		case t.Is(nixlang.Ident, "let"):
			open[top]++
		case t.Is(nixlang.Ident, "in"):
			open[top] = max(0, open[top]-1)
		}
	}
	return in
}

// defines reports whether the name at a token is given a value there.
func (j *judge) defines(i int) bool { return j.At(j.End(i)+1).Is(nixlang.Operator, "=") }

// ofBuiltins reports whether the name at a token is selected from builtins.
func (j *judge) ofBuiltins(i int) bool {
	return j.At(i-1).Is(nixlang.Operator, ".") && j.At(i-2).Is(nixlang.Ident, "builtins")
}

// quoted judges a string, or an interpolation of one, that may stand for a name.
func (j *judge) quoted(i int) {
	switch text, literal := j.Literal(i); {
	case literal && (j.At(i-1).Is(nixlang.Operator, ".") || j.At(i-1).Is(nixlang.Ident, "getAttr")): // pkgs."fetchurl"
		j.name(i, text)
	case j.At(i).Text == "${": // what is in it is judged by itself
	case leavesSandbox[text] != "":
		j.sandbox(i, text)
	case text == "sandbox":
		j.sandboxSetting(i)
	case text == "NIX_CONFIG" && j.defines(i):
		j.variable(i)
	}
}

// name judges a name, wherever it stands.
func (j *judge) name(i int, text string) {
	plain := strings.TrimPrefix(text, "__") // each builtin has such a name too
	switch {
	case leavesSandbox[text] != "":
		j.sandbox(i, text)
	case text == "sandbox":
		j.sandboxSetting(i)
	case isFetcher(plain):
		j.fetcher(i, plain)
	case noHash[text]:
		j.noHash(i)
	case hashNames[text] && j.defines(i):
		j.hash(i)
	case text == "NIX_CONFIG" && j.defines(i):
		j.variable(i)
	case text == "builtins":
		j.builtins(i)
	default:
		j.impure(i, plain)
		j.derived(i, plain)
	}
}
