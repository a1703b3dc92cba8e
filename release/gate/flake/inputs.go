package flake

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/nixlang"
)

// flake judges what only a flake.nix has: inputs, the head of outputs, and settings.
func (j *judge) flake() {
	set, ok := j.Set(0)
	if !ok || j.At(0).Match != len(j.Tokens)-1 {
		j.error(diag.NixSyntax, j.Source.Whole(), "the flake is no attribute set").
			Detail = "Nix reads only a flake.nix that is one, written out."
		return
	}
	inputs := map[string]*input{"self": {attrs: map[string]string{}, place: map[string]diag.Range{}, sound: true}}
	for _, b := range set {
		switch b.Path[0] {
		case "":
			j.computed(b)
		case "nixConfig":
			j.settings(b)
		case "inputs":
			j.gather(inputs, b)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(inputs)) {
		j.input(shown(key), inputs[key])
	}
	for _, b := range set {
		if b.Path[0] == "outputs" && len(b.Path) == 1 {
			j.outputs(inputs, b)
		}
	}
}

// Inputs gives the names of the inputs that a flake.nix writes out at its top, each with
// whether it is a flake; none of one that is malformed, which Judge refuses.
func Inputs(text []byte) map[string]bool {
	f, faults := nixlang.Read("flake.nix", text)
	if faults.HasErrors() {
		return nil
	}
	j := &judge{File: f}
	set, _ := j.Set(0)
	inputs := map[string]*input{}
	for _, b := range set {
		if b.Path[0] == "inputs" {
			j.gather(inputs, b)
		}
	}
	all := map[string]bool{}
	for name, in := range inputs {
		if name != "" && !strings.Contains(name, within) {
			all[name] = in.attrs["flake"] != "false"
		}
	}
	return all
}

// within stands in the key of an input of an input between the two names, of which
// each may have any character that shows.
const within = "\x00"

// shown is the key of an input as messages have it.
func shown(key string) string { return strings.ReplaceAll(key, within, "/") }

// computed refuses a name that is known to nobody who reads: it could be any.
func (j *judge) computed(b nixlang.Binding) {
	j.error(diag.InputLoose, j.At(b.First).Place, "a name of the flake or of its inputs is computed, or is nothing").
		Detail = "It could be nixConfig, or that of another input, and nobody would see it."
}

// settings refuses settings of Nix that a flake brings along.
func (j *judge) settings(b nixlang.Binding) {
	j.error(diag.SandboxLeft, j.At(b.First).Place, "the flake brings settings of Nix").
		Detail = "They count where somebody says yes or the setting accept-flake-config is on, so the same flake is built in two ways. What a machine is set to is judged by passportc gate nixconf."
}

// input is what flake.nix says of one input.
type input struct {
	at    diag.Range
	attrs map[string]string // those that are texts, or true or false
	place map[string]diag.Range
	sound bool // it is not to be judged
}

// gather notes what a binding says of inputs, however its path is split.
func (j *judge) gather(inputs map[string]*input, b nixlang.Binding) {
	path, name := b.Path[1:], ""
	if slices.Contains(path, "") {
		j.computed(b)
		return
	}
	if len(path) > 0 {
		name = path[0]
	}
	if set, ok := j.Set(b.From); ok && j.End(b.From) == b.To && b.From > 0 {
		if len(path) == 1 {
			j.known(inputs, name, b)
		}
		for _, inner := range set {
			inner.Path = append(slices.Clone(b.Path), inner.Path...)
			j.gather(inputs, inner)
		}
		return
	}
	if len(path) < 2 || b.Inherits {
		j.error(diag.InputLoose, j.At(b.First).Place, "an input is not written out").
			Detail = "Nix wants inputs as plain values, and so does whoever reviews them."
		return
	}
	key := path[len(path)-1]
	if len(path) > 2 { // an input of an input: inputs.tool.inputs.nixpkgs.follows
		name = strings.Join(slices.DeleteFunc(slices.Clone(path[:len(path)-1]), func(part string) bool { return part == "inputs" }), within)
	}
	in := j.known(inputs, name, b)
	text, literal := j.Literal(b.From)
	if !literal || j.End(b.From) != b.To {
		if t := j.At(b.From); b.From != b.To || !t.Is(nixlang.Ident, "true") && !t.Is(nixlang.Ident, "false") {
			j.error(diag.InputLoose, j.Range(b.From, b.To), "the %s of the input %s is computed", key, diag.Quote(shown(name))).
				Detail = "Nix wants inputs as plain values, and so does whoever reviews them."
			in.sound = true // so far as it can be judged
			return
		}
		in.attrs[key] = j.At(b.From).Text
		return
	}
	in.attrs[key], in.place[key] = text, j.Range(b.From, b.To)
}

func (j *judge) known(inputs map[string]*input, name string, b nixlang.Binding) *input {
	if inputs[name] == nil {
		inputs[name] = &input{at: j.At(b.First).Place, attrs: map[string]string{}, place: map[string]diag.Range{}}
	}
	return inputs[name]
}

// outputs refuses a name that no input has: Nix would look it up in a registry.
func (j *judge) outputs(inputs map[string]*input, b nixlang.Binding) {
	open := b.From
	if j.At(open+1).Is(nixlang.Operator, "@") { // args@{ … }
		open += 2
	}
	if !j.IsHead(open) {
		return
	}
	for _, i := range j.Formals(open) {
		if name := j.At(i).Text; inputs[name] == nil {
			j.registry(name, j.At(i).Place)
		}
	}
}

func (j *judge) registry(name string, at diag.Range) {
	d := j.error(diag.InputLocal, at, "the input %s is looked up in a registry", diag.Quote(name))
	d.Detail = "What a registry says differs from machine to machine and from day to day."
	d.Hint = "write its URL among the inputs, as github:OWNER/REPO/BRANCH"
}

// input judges where one input comes from.
func (j *judge) input(name string, in *input) {
	reference, byURL := in.attrs["url"]
	_, follows := in.attrs["follows"]
	kind := in.attrs["type"]
	switch {
	case in.sound || follows && !byURL:
	case byURL && kind == "":
		j.url(name, reference, in.place["url"])
	case kind == "path":
		j.local(name, in.place["type"])
	case kind == "" || kind == "indirect":
		j.registry(name, in.at)
	case forges[kind]:
		j.branch(name, in.at, in.attrs["ref"]+in.attrs["rev"])
	case kind == "git":
		j.url(name, "git+"+reference+"?rev="+in.attrs["rev"], in.at)
	default:
		j.loose(name, in.at, "it has the type "+diag.Quote(kind)+", of which a lock has no revision")
	}
}

// forges are the types of inputs that have an owner and a repository.
var forges = map[string]bool{"github": true, "gitlab": true, "sourcehut": true}

// url judges a reference (Nix manual, nix flake, URL-like syntax).
func (j *judge) url(name, reference string, at diag.Range) {
	u, err := url.Parse(reference)
	switch {
	case err != nil:
		j.loose(name, at, "its URL is none")
	case u.Scheme == "" && (strings.HasPrefix(reference, ".") || strings.HasPrefix(reference, "/")), u.Scheme == "path", strings.HasSuffix(u.Scheme, "file"):
		j.local(name, at)
	case u.Scheme == "" || u.Scheme == "flake":
		j.registry(name, at)
	case forges[u.Scheme]:
		parts := strings.SplitN(u.Opaque, "/", 3)
		j.branch(name, at, strings.Join(parts[min(2, len(parts)):], "")+u.Query().Get("ref")+u.Query().Get("rev"))
	case u.Scheme == "git+https" || u.Scheme == "git+ssh":
		if !revision.MatchString(u.Query().Get("rev")) {
			j.loose(name, at, "it names no revision by ?rev=, and Nix would lock a branch along with it")
		}
	case strings.HasPrefix(u.Scheme, "git") || u.Scheme == "http" || strings.HasSuffix(u.Scheme, "+http"):
		j.loose(name, at, "whoever is on the way could answer in the place of the host")
	default:
		j.loose(name, at, "it is an archive, of which a lock has no revision")
	}
}

func (j *judge) local(name string, at diag.Range) {
	d := j.error(diag.InputLocal, at, "the input %s is a path of this machine", diag.Quote(name))
	d.Detail = "No other machine has it, so nobody else can build or audit what is made of it."
	d.Hint = "put it into this flake, or into a repository of its own"
}

// branch refuses an input of a forge that names nothing, or what always moves.
func (j *judge) branch(name string, at diag.Range, ref string) {
	switch ref {
	case "":
		j.loose(name, at, "it names no branch, so an update takes what the host's default is that day")
	case "HEAD", "latest":
		j.loose(name, at, ref+" names nothing that stays")
	}
}

func (j *judge) loose(name string, at diag.Range, why string) {
	d := j.error(diag.InputLoose, at, "the input %s cannot be pinned as it is written", diag.Quote(name))
	d.Detail = upper(why) + "."
	d.Hint = "write it as github:OWNER/REPO/BRANCH, or as git+https://HOST/REPO?rev=COMMIT"
}
