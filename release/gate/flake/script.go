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

var (
	// options are those of Nix's commands that undo what the gates judge.
	options = lazyregexp.New(`\bnix(?:-[a-z]+|os-rebuild)?` + between + `(?:[^\n]|\\\n)*?(--(?:impure|no-sandbox|no-pure-eval|sandbox-fallback|accept-flake-config|no-require-sigs)\b|--option` + between + `(?:` + loose + `)|--(?:` + loose + `))`)
	// variable is one that sets anything for the Nix that a script calls.
	variable = lazyregexp.New(`\b(NIX_CONFIG)[ \t]*=`)
	// asked is an attribute of a derivation as JSON has it.
	asked = lazyregexp.New(`\b(__noChroot|__impure|__impureHostDeps|__propagatedImpureHostDeps|__darwinAllowLocalNetworking|sandboxProfile|impureEnvVars)["' \\]+:`)
)

// command judges a string that begins at a token. As a script, it may call Nix; as JSON,
// it may be the attributes of a derivation.
func (j *judge) command(open int) {
	text := j.script(open)
	start := j.At(open).Place.End
	for _, m := range append(options.FindAllStringSubmatchIndex(text, -1), variable.FindAllStringSubmatchIndex(text, -1)...) {
		place := j.Source.Range(start+m[2], start+m[3])
		j.error(diag.SandboxLeft, place, "a script calls Nix with %s", strings.Join(strings.Fields(place.Text()), " ")).
			Detail = "What such a call builds was not judged: it depends on the machine, or is built outside the sandbox."
	}
	for _, m := range asked.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		j.error(diag.SandboxLeft, j.Source.Range(start+m[2], start+m[3]), "a derivation with %s opens the sandbox", name).
			Detail = upper(leavesSandbox[name]) + "."
	}
}

// script is what stands in a string, byte for byte where it is in the file: a word in the
// place of what is computed, and what an escape means with a blank behind it.
func (j *judge) script(open int) string {
	start, end := j.At(open).Place.End, j.At(j.At(open).Match).Place.Start
	text := []byte(j.Source.Range(start, end).Text())
	for k := open + 1; k < j.At(open).Match; k = j.End(k) + 1 {
		if j.At(k).Kind == nixlang.Text {
			continue
		}
		for at := j.At(k).Place.Start; at < j.At(j.End(k)).Place.End; at++ {
			text[at-start] = 'x'
		}
	}
	if j.At(open).Text != `"` {
		return string(text)
	}
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		switch c := text[i+1]; c {
		case '\\':
		case 'n':
			text[i], text[i+1] = '\n', ' '
		case 't', 'r':
			text[i], text[i+1] = ' ', ' '
		default:
			text[i], text[i+1] = c, ' '
		}
		i++
	}
	return string(text)
}
