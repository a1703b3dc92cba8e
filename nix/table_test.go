package nix

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/gate/nixlang"
)

// sets are names in the expressions for what comes from nixpkgs; file is what lib.fileset.fileFilter asks about.
var sets = map[string]string{"nixpkgs": "nixpkgs", "pkgs": "pkgs", "target": "pkgs", "lib": "lib", "file": "file"}

// functions are those whose arguments are written out. Those of runCommand stand behind a name, those of
// linkFarm in a list.
var functions = []string{"toSource", "linuxManualConfig", "writeShellApplication", "mkShell", "fetchurl", "runCommand", "linkFarm"}

// used is what the expressions use of nixpkgs, with the arguments that they give.
type used map[string][]string

func (u used) add(attribute string, arguments ...string) {
	u[attribute] = append(u[attribute], arguments...)
	slices.Sort(u[attribute])
	u[attribute] = slices.Compact(u[attribute])
}

// expressions finds all that is used. It reads tokens: pkgs.a.b, and inherit (pkgs.a) b.
func expressions(t *testing.T) used {
	t.Helper()
	files := []string{"../flake.nix"}
	for _, pattern := range []string{"*.nix", "../rooms/*/image.nix"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 10 {
		t.Fatal(files)
	}
	all := used{}
	for _, name := range files {
		f, faults := nixlang.Read(name, read(t, name))
		if faults.HasErrors() {
			t.Fatal(faults[0].Summary)
		}
		for i := range f.Tokens {
			all.token(f, i)
		}
	}
	return all
}

// token notes what a token has to say.
func (u used) token(f *nixlang.File, i int) {
	if token := f.At(i); token.Kind == nixlang.Ident && slices.Contains(functions, token.Text) {
		for _, b := range arguments(f, i) {
			u.add(u.full(token.Text), b.Path[0])
		}
	}
	path, next := u.path(f, i)
	switch {
	case path == "":
	case f.At(i-1).Is(nixlang.Open, "(") && f.At(i-2).Is(nixlang.Ident, "inherit"):
		for k := next + 1; f.At(k).Kind == nixlang.Ident; k++ {
			u.add(path + "." + f.At(k).Text)
		}
	case strings.Contains(path, "."):
		u.add(path)
	}
}

// arguments are those of the function at a token: the first set behind it, in the same binding.
func arguments(f *nixlang.File, i int) []nixlang.Binding {
	for i++; i < len(f.Tokens) && !f.At(i).Is(nixlang.Operator, ";"); i++ {
		if bindings, ok := f.Set(i); ok {
			return bindings
		}
	}
	return nil
}

// full is the whole name of a function.
func (u used) full(name string) string {
	switch name {
	case "toSource":
		return "lib.fileset." + name
	}
	return "pkgs." + name
}

// path is the attribute that is selected at a token, such as pkgs.a.b, and the token behind.
func (u used) path(f *nixlang.File, i int) (string, int) {
	set, ok := sets[f.At(i).Text]
	if !ok || f.At(i).Kind != nixlang.Ident || f.At(i-1).Is(nixlang.Operator, ".") {
		return "", i
	}
	i++
	for f.At(i).Is(nixlang.Operator, ".") && f.At(i+1).Kind == nixlang.Ident {
		set += "." + f.At(i+1).Text
		i += 2
	}
	return set, i
}

// goArguments are those of buildGo126Module, which nix/go.nix puts together of several sets.
func goArguments(t *testing.T) (arguments []string) {
	f, _ := nixlang.Read("go.nix", read(t, "go.nix"))
	for i := range f.Tokens {
		bindings, ok := f.Set(i)
		if !ok || f.At(i-1).Is(nixlang.Ident, "in") {
			continue // no set, or that of what the file has to offer
		}
		for _, b := range bindings {
			if before := f.At(i - 2).Text; before == "env" || before == "_" {
				continue // variables, and what is overridden in a derivation
			}
			arguments = append(arguments, b.Path[0])
		}
	}
	return arguments
}

var row = regexp.MustCompile("(?m)^\\| `((?:nixpkgs|pkgs|lib|file)\\.[^`]*)` \\| ([^|]*)\\|")

// The table of docs/NIX.md has what the expressions use of nixpkgs, no more and no less.
func TestTableOfNixpkgs(t *testing.T) {
	inUse, written := expressions(t), used{}
	inUse.add("pkgs.buildGo126Module", goArguments(t)...)
	for _, m := range row.FindAllStringSubmatch(string(read(t, "../docs/NIX.md")), -1) {
		written.add(m[1], strings.Fields(m[2])...)
	}
	if diff := cmp.Diff(inUse, written, cmp.Transformer("text", func(list []string) string { return strings.Join(list, " ") })); diff != "" {
		t.Errorf("docs/NIX.md says other than the expressions (-used +written)\n%s", diff)
	}
}

// What the reader is made of is the same for make and for Nix: rooms/reader/packages and image.nix name the
// same files of the same packages.
func TestPackagesOfRecipes(t *testing.T) {
	lists, err := filepath.Glob("../rooms/*/packages")
	if err != nil || len(lists) == 0 {
		t.Fatal(lists, err)
	}
	fetched := regexp.MustCompile(`(?s)url = "mirror://debian/pool/main/[^"]*/([^"/_]*)_[^"]*_arm64\.deb";\s*sha256 = "([0-9a-f]*)";\s*\}\)\s*\[([^\]]*)\]`)
	for _, list := range lists {
		var want, got []string
		for _, line := range strings.Split(string(read(t, list)), "\n") {
			if words := strings.Fields(line); len(words) > 3 && strings.HasSuffix(words[1], ":arm64") && words[0] != "#" {
				want = append(want, strings.TrimSuffix(words[1], ":arm64")+" "+strings.Join(words[2:], " "))
			}
		}
		recipe, err := os.ReadFile(filepath.Join(filepath.Dir(list), "image.nix"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fetched.FindAllStringSubmatch(string(recipe), -1) {
			got = append(got, m[1]+" "+m[2]+" "+strings.Join(strings.Fields(strings.ReplaceAll(m[3], `"`, "")), " "))
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
			t.Errorf("%s (-packages +image.nix)\n%s", list, diff)
		}
	}
}
