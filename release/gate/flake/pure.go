package flake

import (
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/nixlang"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// leavesSandbox are attributes by which a derivation asks for less of the sandbox (Nix
// manual, Advanced Attributes), with what each does.
var leavesSandbox = map[string]string{
	"__noChroot":                   "it builds outside the sandbox where that is relaxed",
	"__impure":                     "it builds with the network, and its result may differ each time",
	"__impureHostDeps":             "it builds with files of the machine",
	"__propagatedImpureHostDeps":   "it builds with files of the machine",
	"__darwinAllowLocalNetworking": "it builds with the machine's network",
	"sandboxProfile":               "it says itself what its sandbox is",
	"impureEnvVars":                "it builds with variables of the machine",
	"__json":                       "it gives all attributes as one text, in which any of these could stand",
}

func (j *judge) sandbox(i int, name string) {
	if j.mention[i] == formal {
		return
	}
	j.error(diag.SandboxLeft, j.Range(i, j.End(i)), "a derivation with %s opens the sandbox", name).
		Detail = upper(leavesSandbox[name]) + "."
}

// sandboxSetting judges a setting of that name, as those of a flake or of a system.
func (j *judge) sandboxSetting(i int) {
	if !j.defines(i) {
		return
	}
	for k := j.End(i) + 2; j.At(k).Kind != 0 && !j.At(k).Is(nixlang.Operator, ";") && !j.At(k).Is(nixlang.Operator, "="); k = j.End(k) + 1 {
		if text, _ := j.Literal(k); j.At(k).Is(nixlang.Ident, "false") || text == "false" || text == "relaxed" {
			j.error(diag.SandboxLeft, j.Range(i, j.End(k)), "the sandbox is switched off or relaxed").
				Detail = "Without it a build reads the machine's files and talks to the network."
			return
		}
	}
}

// path judges a path: those that are looked up and those outside the flake depend on
// the machine.
func (j *judge) path(i int) {
	t := j.At(i)
	switch {
	case t.Kind == nixlang.SearchPath:
		d := j.error(diag.Impure, t.Place, "%s is looked up on the machine", t.Text)
		d.Detail = "What it leads to is not in flake.lock, and differs from machine to machine."
		d.Hint = "take it from an input of the flake"
	case (strings.HasPrefix(t.Text, "/") || strings.HasPrefix(t.Text, "~")) && !j.continues(i):
		j.machinePath(t.Place)
	}
}

func (j *judge) machinePath(at diag.Range) {
	d := j.error(diag.Impure, at, "the path %s is the machine's own", diag.Quote(strings.Trim(at.Text(), "\"'")))
	d.Detail = "What is there is in no lock, and differs from machine to machine."
	d.Hint = "put the file into the flake and write its path as ./file"
}

// continues reports whether a path is the piece behind an interpolation.
func (j *judge) continues(i int) bool {
	before := j.At(i - 1)
	return before.Is(nixlang.Close, "}") && before.Place.End == j.At(i).Place.Start
}

// machine are builtins that tell of the machine, with what each tells.
var machine = map[string]string{
	"currentSystem": "it is the machine's own architecture: one flake would build two things",
	"currentTime":   "it is the time: each build would be another",
	"getEnv":        "it reads a variable of whoever evaluates",
	"nixPath":       "it is where the machine looks up what is in no lock",
	"findFile":      "it looks up what is in no lock",
	"storePath":     "it names what happens to be in the machine's store",
}

// running are builtins that run code of the machine. Their names are common ones.
var running = map[string]bool{"exec": true, "importNative": true}

func (j *judge) impure(i int, name string) {
	selected := j.At(i-1).Is(nixlang.Operator, ".") && !j.ofBuiltins(i) // from something else
	switch {
	case selected:
	case machine[name] != "" && (j.mention[i] == 0 || j.mention[i] == drawn) && !j.defines(i):
		j.error(diag.Impure, j.At(i).Place, "%s depends on the machine", name).
			Detail = upper(machine[name]) + "."
	case running[name] && (j.ofBuiltins(i) || j.At(i).Text != name):
		j.error(diag.Impure, j.At(i).Place, "%s runs a program of the machine", name).
			Detail = "It runs when the expression is evaluated, outside any sandbox."
	}
}

// builtins judges a mention of all builtins together: what is taken of them later would
// not be seen.
func (j *judge) builtins(i int) {
	behind := j.End(i) + 1
	next, before := j.At(behind), j.At(i-1)
	_, literal := j.Literal(behind + 1)
	switch {
	case j.mention[i] == formal:
	case next.Is(nixlang.Operator, ".") && (literal || j.At(behind+1).Kind == nixlang.Ident):
	case next.Is(nixlang.Operator, "?"), before.Is(nixlang.Operator, ".") && !j.ofBuiltins(i):
	case before.Is(nixlang.Ident, "with") && next.Is(nixlang.Operator, ";"):
	case before.Is(nixlang.Open, "(") && next.Is(nixlang.Close, ")") && j.At(i-2).Is(nixlang.Ident, "inherit"):
	default:
		d := j.error(diag.Impure, j.At(i).Place, "builtins are passed on")
		d.Detail = "Which of them is used, and for what, cannot be seen."
		d.Hint = "name the one that is meant: builtins.toJSON"
	}
}

// readers are functions that read what is at a path when they are evaluated.
var readers = map[string]bool{"import": true, "scopedImport": true, "readFile": true, "readDir": true, "readFileType": true, "hashFile": true}

// builders are names of functions whose result has to be built first, or fetched.
var builders = lazyregexp.New(`^(derivation|derivationStrict|mkDerivation|runCommand[A-Za-z]*|write[A-Z][A-Za-z]*|build[A-Z][A-Za-z0-9]*|symlinkJoin|linkFarm|applyPatches|substituteAll|concatText)$`)

// builds finds for each token the next, itself too, that names what has to be built or
// fetched: a function that does, or pkgs of which something is taken.
func (j *judge) builds() []int {
	all := make([]int, len(j.Tokens)+1)
	all[len(j.Tokens)] = len(j.Tokens)
	for k := len(j.Tokens) - 1; k >= 0; k-- {
		t := j.At(k)
		packages := t.Text == "pkgs" && !(j.At(k+1).Is(nixlang.Operator, ".") && j.At(k+2).Is(nixlang.Ident, "path"))
		if all[k] = all[k+1]; t.Kind == nixlang.Ident && (packages || builders.MatchString(t.Text) || isFetcher(t.Text)) {
			all[k] = k
		}
	}
	return all
}

func (j *judge) next(k int) int { return j.built[min(k, len(j.Tokens))] }

// derived judges a reader: what it reads must be in the flake, and must not have to be
// built first.
func (j *judge) derived(i int, name string) {
	first := j.End(i) + 1
	if !readers[name] || j.defines(i) || j.mention[i] != 0 {
		return
	}
	if k := j.bare(first); j.At(k).Kind == nixlang.Open && j.At(k+1).Kind == nixlang.Text && strings.HasPrefix(j.At(k+1).Text, "/") {
		j.machinePath(j.Range(k, j.At(k).Match))
	}
	for k := j.next(first); k < len(j.Tokens) && k <= j.End(first); k = j.next(k + 1) {
		if j.At(k).Text != "pkgs" || j.At(first).Text != "(" {
			d := j.error(diag.DerivedExpression, j.Range(i, j.End(first)), "%s reads what has to be built or fetched first", name)
			d.Detail = "What is evaluated would depend on the result of a build, and nobody could see what a release is made of without building."
			d.Hint = "do it within a derivation, or put the file into the flake"
			return
		}
	}
}
