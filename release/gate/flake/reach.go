package flake

import (
	"path"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/nixlang"
)

// loaders are functions that evaluate the file at a path.
var loaders = map[string]bool{"import": true, "scopedImport": true, "callPackage": true}

// reach judges what a file loads by a path that is written out: a file of another
// suffix, or in a directory that is left out, would be evaluated and judged by nobody.
// Judged are the names of all files that are judged, from the root of the flake.
func (j *judge) reach(name string, judged map[string]bool) {
	for i := range j.Tokens {
		if j.full() || !j.isLoader(i) || j.mention[i] != 0 || j.defines(i) {
			continue
		}
		for k := i + 1; j.isArgument(k) && !j.isLoader(k); k = j.End(k) + 1 {
			j.loads(name, j.bare(k), judged)
		}
	}
}

func (j *judge) isLoader(i int) bool {
	return j.At(i).Kind == nixlang.Ident && loaders[strings.TrimPrefix(j.At(i).Text, "__")]
}

// isArgument reports whether what begins at a token can be one of a function.
func (j *judge) isArgument(k int) bool {
	switch t := j.At(k); t.Kind {
	case nixlang.Path, nixlang.Ident, nixlang.Open:
		return true
	}
	return false
}

// bare is the first token within the brackets around an expression.
func (j *judge) bare(k int) int {
	for j.At(k).Is(nixlang.Open, "(") && j.End(k+1) == j.At(k).Match-1 {
		k++
	}
	return k
}

func (j *judge) loads(name string, k int, judged map[string]bool) {
	t := j.At(k)
	next := j.At(k + 1)
	computed := next.Is(nixlang.Open, "${") && next.Place.Start == t.Place.End
	if t.Kind != nixlang.Path || strings.HasPrefix(t.Text, "/") || strings.HasPrefix(t.Text, "~") || j.continues(k) || computed {
		return // the machine's own are refused as such
	}
	to := path.Join(path.Dir(name), t.Text)
	if judged[to] || judged[path.Join(to, "default.nix")] {
		return
	}
	d := j.error(diag.Impure, t.Place, "%s is evaluated and was not judged", t.Text)
	d.Detail = "It is no .nix file of this directory, nor a folder with a default.nix, so nobody saw what it fetches and reads."
	d.Hint = "give the file the suffix .nix, and keep it where the gate looks"
}
