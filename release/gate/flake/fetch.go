package flake

import (
	"encoding/base64"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/nixlang"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// fetchers are names of functions that fetch: Nix's own and those of nixpkgs
// (pkgs/build-support), which gets more of them, each named so.
var fetchers = lazyregexp.New(`^(fetch[A-Za-z0-9]+|getFlake|pullImage|requireFile)$`)

// isFetcher reports whether a name is one of those; lib.fetchers is a set of other things.
func isFetcher(name string) bool { return fetchers.MatchString(name) && name != "fetchers" }

var (
	// never are those that no hash makes a part of this build.
	never = map[string]string{
		"getFlake":     "an input of this flake is locked by flake.lock, and one that is got this way is not",
		"fetchClosure": "it takes what a cache gives in the place of a build",
	}
	// byRevision are those of repositories, of which a branch or tag says nothing.
	byRevision = lazyregexp.New(`^fetch(git|Git|hg|Mercurial|From[A-Z].*)$`)
	revision   = lazyregexp.New(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
)

// own are fetchers that are Nix's alone, which fetch while an expression is evaluated,
// outside any sandbox.
var own = map[string]bool{"fetchTarball": true, "fetchGit": true, "fetchMercurial": true, "fetchTree": true, "fetchClosure": true, "getFlake": true}

// hashNames are attributes that hold a hash of something fetched.
var hashNames = map[string]bool{
	"hash": true, "sha256": true, "sha512": true, "narHash": true, "outputHash": true,
	"vendorHash": true, "cargoHash": true, "npmDepsHash": true,
}

// noHash are names of nixpkgs for a hash that is to be found out.
var noHash = map[string]bool{"fakeHash": true, "fakeSha256": true, "fakeSha512": true}

// fetcher judges one mention of a fetcher: its arguments must stand there, in braces,
// with a hash that can be read. One that is passed on is refused, since its calls would
// not be seen.
func (j *judge) fetcher(i int, name string) {
	asked := j.At(i-1).Is(nixlang.Operator, "?") && j.mention[i-2] != formal // x ? fetchurl, no default
	switch {
	case own[name] && (j.mention[i] == inherited || j.mention[i] == drawn) && !j.lets[i]:
		// By a set it is handed on to where it has no name.
	case j.mention[i] != 0 || j.defines(i) || asked:
		return
	case never[name] != "":
		j.error(diag.FetchWithoutHash, j.At(i).Place, "%s fetches what nothing here pins", name).Detail = upper(never[name]) + "."
		return
	}
	open := j.End(i) + 1
	if j.At(open).Is(nixlang.Ident, "rec") {
		open++
	}
	set, ok := j.Set(open)
	if !ok {
		d := j.error(diag.FetchWithoutHash, j.At(i).Place, "the arguments of %s do not stand here", name)
		d.Detail = "They are computed, or the function is passed on, so that nobody sees whether there is a hash."
		d.Hint = "write them in braces behind the name, with their hash"
		return
	}
	hashed, pinned := false, !byRevision.MatchString(name)
	for _, b := range set {
		text, literal := j.Literal(b.From)
		literal = literal && j.End(b.From) == b.To && b.From > 0
		switch attribute := b.Path[0]; {
		case len(b.Path) > 1:
		case hashNames[attribute]:
			hashed = hashed || literal && isHash(text)
		case attribute == "rev":
			pinned = pinned || literal && revision.MatchString(text)
		}
	}
	if !hashed {
		d := j.error(diag.FetchWithoutHash, j.At(i).Place, "%s has no hash", name)
		d.Detail = "What comes would be built, whatever it is. The hash stands in the call, as text: sha256 or sha512, none of zeros."
		d.Hint = `write hash = "sha256-…";`
	}
	if !pinned {
		d := j.error(diag.FetchWithoutHash, j.At(i).Place, "%s names no revision", name)
		d.Detail = "A branch or tag can be moved, and then nobody can get again what was built."
		d.Hint = "write rev with all digits of the commit"
	}
}

// noHash judges a name that stands for no hash.
func (j *judge) noHash(i int) {
	if j.mention[i] == 0 && !j.defines(i) {
		d := j.error(diag.FetchWithoutHash, j.At(i).Place, "%s is no hash", j.At(i).Text)
		d.Detail = "It stands for one that is to be found out, so nothing was reviewed yet."
	}
}

// hash judges the value of an attribute that should be a hash, if it stands there.
func (j *judge) hash(i int) {
	text, literal := j.Literal(i + 2)
	if literal && !isHash(text) {
		d := j.error(diag.FetchWithoutHash, j.Range(i+2, j.End(i+2)), "the value of %s is no hash", j.At(i).Text)
		d.Detail = "A hash is sha256 or sha512, as Nix writes it, and none of zeros."
	}
}

var (
	encoded = lazyregexp.New(`^(?:sha256:|sha512:)?([0-9a-f]{64}|[0-9a-f]{128}|[0-9a-df-np-sv-z]{52}|[0-9a-df-np-sv-z]{103})$`)
	zeros   = lazyregexp.New(`^(?:sha256:|sha512:)?0+$`)
)

// isHash reports whether a text is a hash in one of the forms that Nix takes (Nix
// manual, nix hash): base 64 behind the algorithm, hexadecimal, or Nix's base 32.
func isHash(text string) bool {
	for prefix, size := range map[string]int{"sha256-": 32, "sha512-": 64} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			sum, err := base64.StdEncoding.Strict().DecodeString(rest)
			return err == nil && len(sum) == size && strings.Trim(string(sum), "\x00") != ""
		}
	}
	return encoded.MatchString(text) && !zeros.MatchString(text)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
