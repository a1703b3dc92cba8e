package flake

import (
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/nixlang"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// What may stand between words of a command, quotes and the end of a line behind a
// backslash too.
const between = `(?:[ \t"'=]|\\+\n?)+`

// loose are settings with the values that open something.
const loose = `(?:sandbox` + between + `(?:false|relaxed|no|0)` +
	`|(?:pure-eval|require-sigs|filter-syscalls)` + between + `(?:false|no|0)` +
	`|(?:sandbox-fallback|accept-flake-config)` + between + `(?:true|yes|1))\b|(?:extra-)?sandbox-paths\b`

// option is one of Nix's commands that undoes what the gates judge. Which program it is
// given to is not asked: its name may be computed, or stand elsewhere.
const option = `--(?:(?:impure|no-sandbox|no-pure-eval|sandbox-fallback|accept-flake-config|no-require-sigs)\b|option` + between + `(?:` + loose + `)|(?:` + loose + `))`

var (
	options = lazyregexp.New(`(` + option + `)`)
	// setter is a variable that sets anything for the Nix that a script calls.
	setter = lazyregexp.New(`\b(NIX_CONFIG)[ \t]*=`)
	// asked is an attribute of a derivation as JSON, TOML or a script has it.
	asked = lazyregexp.New(`\b(__noChroot|__impure|__impureHostDeps|__propagatedImpureHostDeps|__darwinAllowLocalNetworking|sandboxProfile|impureEnvVars|__json)\b`)
)

// command judges a string that begins at a token. As a script, it may call Nix; as JSON
// or TOML, it may be the attributes of a derivation.
func (j *judge) command(open int) {
	s := j.script(open)
	called := options.FindAllStringSubmatchIndex(s.text, -1)
	for _, m := range append(called, setter.FindAllStringSubmatchIndex(s.text, -1)...) {
		j.called(j.Source.Range(s.at[m[2]], s.at[m[3]]))
	}
	if len(called) == 0 {
		j.arguments(open)
	}
	if name, _ := j.Literal(open); leavesSandbox[name] != "" {
		return // the name of an attribute, which is judged as one
	}
	for _, m := range asked.FindAllStringSubmatchIndex(s.text, -1) {
		name := s.text[m[2]:m[3]]
		j.error(diag.SandboxLeft, j.Source.Range(s.at[m[2]], s.at[m[3]]), "a derivation with %s opens the sandbox", name).
			Detail = upper(leavesSandbox[name]) + "."
	}
}

func (j *judge) called(at diag.Range) {
	j.error(diag.SandboxLeft, at, "a script calls Nix with %s", strings.Join(strings.Fields(at.Text()), " ")).
		Detail = "What such a call builds was not judged: it depends on the machine, or is built outside the sandbox."
}

// variable judges one of a derivation, which the Nix that its script calls would read.
func (j *judge) variable(i int) {
	j.error(diag.SandboxLeft, j.Range(i, j.End(i)), "a script calls Nix with NIX_CONFIG").
		Detail = "It can change every setting, so what such a call builds was not judged."
}

// arguments judges an option that is a string of its own, with its value in the next.
func (j *judge) arguments(open int) {
	text, literal := j.Literal(open)
	if !literal || !strings.HasPrefix(text, "--") {
		return
	}
	for k, n := j.End(open)+1, 0; n < 2; k, n = j.End(k)+1, n+1 {
		next, literal := j.Literal(k)
		if !literal {
			return
		}
		if text += " " + next; options.MatchString(text) {
			j.called(j.Range(open, j.End(k)))
			return
		}
	}
}

// script is what stands in a string, with the place in the file of each of its bytes and
// of its end.
type script struct {
	text string
	at   []int
}

// maxFolded is how long a text within a text is read as a part of it, in bytes: each is
// judged by itself too, and one in the other would be read over and over.
const maxFolded = 1000

// script gives what stands in a string: what escapes mean, those of Nix and then those
// of JSON and TOML, and NUL in the place of what is computed.
func (j *judge) script(open int) script {
	var b scriptBuilder
	for k := open + 1; k < j.At(open).Match; k = j.End(k) + 1 {
		place := j.At(k).Place
		switch text, literal := j.Literal(k); {
		case j.At(k).Kind == nixlang.Text && j.At(open).Text == `"`:
			b.quoted(place.Text(), place.Start)
		case j.At(k).Kind == nixlang.Text:
			b.indented(place.Text(), place.Start)
		case literal && len(text) < maxFolded:
			for i := range len(text) {
				b.add(text[i], place.Start)
			}
		default:
			b.add(0, place.Start)
		}
	}
	s := script{string(b.text), append(b.at, j.At(j.At(open).Match).Place.Start)}
	return s.unescaped()
}
