package gate

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/anchor-os/anchor/release/gate/flake"
	"github.com/anchor-os/anchor/release/gate/nixlang"
)

const goodFlake = `{
  description = "What a flake of this project looks like";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
    in
    {
      packages.x86_64-linux.default = pkgs.runCommand "x" { } "touch $out";
    };
}
`

const (
	sri = `hash = "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=";`
	rev = `rev = "8eeec934ae0dbeca3d7868c059568a65c08b2fc3";`
)

// Nothing in a comment, a string or a mere name is taken for what it is not.
func TestNixAccepted(t *testing.T) {
	for name, text := range map[string]string{
		"comments":             "# fetchurl \"x\" <nixpkgs>\n/* builtins.getEnv \"A\" */ 1",
		"strings":              `"fetchurl x; <nixpkgs> builtins.currentSystem; sandbox = false"`,
		"indented strings":     "''\n  curl fetchTarball ''${builtins.getEnv} '''import (runCommand) $${x} ''\\n\n''",
		"a comment in a path":  "./a/b#c\n",
		"hashed":               `pkgs.fetchurl { url = "https://example.org/a"; ` + sri + ` }`,
		"hashed in base 32":    `fetchzip rec { url = "https://example.org/a"; sha256 = "1b1ly15dpc3j0p1wd5j1hhwlfv4zyqyp2hlv9bhhdi21hk9k9zx1"; }`,
		"hashed in base 16":    `fetchzip { sha256 = "` + strings.Repeat("0a", 32) + `"; }`,
		"with a revision":      "fetchFromGitHub { owner = \"o\"; repo = \"r\"; " + rev + " " + sri + " }",
		"by Nix":               `builtins.fetchGit { url = "https://example.org/a"; ` + rev + ` narHash = "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280="; }`,
		"fetchers as formals":  `{ fetchurl, lib, ... }: fetchurl { ` + sri + ` }`,
		"fetchers inherited":   `let inherit (pkgs) fetchurl; in { inherit fetchurl; a = pkgs ? fetchurl; }`,
		"a fetcher of its own": `{ fetchurl = args: derivation args; }`,
		"with before a set":    `{ x = with lib; let a = 1; in a; hash = assert true; "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280="; }`,
		"own currentSystem":    `{ currentSystem = "x"; }`,
		"exec of a passport":   `{ exec = [ "/bin/web" ]; } // { inherit (passport.room) exec; }`,
		"builtins":             `with builtins; let inherit (builtins) toJSON; in builtins ? x && builtins.toJSON 1 == ""`,
		"imports":              `import ./a.nix (import nixpkgs { }) (import (./rooms + "/${room}/image.nix"))`,
		"files of the flake":   `builtins.readFile "${self}/a" + builtins.readFile ./a + builtins.readFile "${pkgs.path}/a" + builtins.readDir pkgs.path`,
		"a path with a name":   `./rooms/${room}/image.nix`,
		"sandboxed":            `{ nix.settings.sandbox = true; sandbox = pkgs.hello; }`,
		"nix in a script":      "''nix build .#uki\n impure --option sandbox true''",
		"nix as arguments":     `[ "nix" "build" "--option" "sandbox" "true" ] ++ [ "--option" sandbox "false" ]`,
		"half an escape":       `"\\u005 \\u \\Uffffffff \\u00zz"`,
		"vendored":             `{ vendorHash = null; }`,
	} {
		if faults := flake.Judge("a.nix", []byte(text)); len(faults) > 0 {
			t.Errorf("%s:\n%s", name, render(t, faults))
		}
	}
}

func TestFlakeAccepted(t *testing.T) {
	input := func(text string) string {
		return edit(t, edit(t, goodFlake, `inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";`, text), "{ self, nixpkgs }", "{ self, nixpkgs, ... }")
	}
	for name, text := range map[string]string{
		"good":                goodFlake,
		"with all names":      edit(t, goodFlake, "{ self, nixpkgs }", "inputs@{ self, nixpkgs, ... }"),
		"one name":            edit(t, goodFlake, "{ self, nixpkgs }:\n    let", "inputs:\n    let nixpkgs = inputs.nixpkgs;"),
		"a set of inputs":     input(`inputs = { nixpkgs = { url = "github:NixOS/nixpkgs/nixos-26.05"; flake = true; }; };`),
		"attributes":          input(`inputs.nixpkgs = { type = "github"; owner = "NixOS"; repo = "nixpkgs"; ref = "nixos-26.05"; };`),
		"an input of one":     input(`inputs = { nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; a.url = "gitlab:o/r/v1"; a.inputs.nixpkgs.follows = "nixpkgs"; };`),
		"git":                 input(`inputs.nixpkgs.url = "git+https://example.org/r?rev=8eeec934ae0dbeca3d7868c059568a65c08b2fc3";`),
		"git by attributes":   input(`inputs.nixpkgs = { type = "git"; url = "https://example.org/r"; rev = "8eeec934ae0dbeca3d7868c059568a65c08b2fc3"; };`),
		"branch in the query": input(`inputs.nixpkgs.url = "github:NixOS/nixpkgs?ref=nixos-26.05";`),
	} {
		if faults := flake.Judge("flake.nix", []byte(text)); len(faults) > 0 {
			t.Errorf("%s:\n%s", name, render(t, faults))
		}
	}
}

func TestNixDefects(t *testing.T) {
	got := map[string]string{}
	defect := func(name, text string) {
		faults := flake.Judge("a.nix", []byte(text))
		if !faults.HasErrors() {
			t.Errorf("%s: accepted", name)
		}
		got[name] = render(t, faults)
	}
	defect("string without its end", `{ a = "b${"c"}; }`)
	defect("indented string without its end", "{ a = ''b'''; }")
	defect("comment without its end", "1 /* 2")
	defect("bracket without its end", "{ a = [ 1 2; }")
	defect("bracket without its begin", "{ a = 1; }}")
	defect("no character of Nix", "a & b")
	defect("too deep", strings.Repeat("(", nixlang.MaxDepth+1))
	defect("too large", strings.Repeat(" ", nixlang.MaxSize+1))
	defect("a comment that a CR ends", "# nothing here\rfetchTarball \"https://example.org\"")

	defect("fetchurl without a hash", `pkgs.fetchurl { url = "https://example.org/a"; }`)
	defect("fetcher of another language", `fetchcratesio { pname = "a"; version = "1"; }`)
	defect("fetchTarball of a string", `builtins.fetchTarball "https://example.org/a.tar.gz"`)
	defect("fetchTarball of a URL", `fetchTarball https://example.org/a.tar.gz`)
	defect("fetchGit of a branch", `builtins.fetchGit { url = "https://example.org/a"; ref = "main"; }`)
	defect("fetchFromGitHub of a tag", `fetchFromGitHub { owner = "o"; repo = "r"; tag = "v1"; `+sri+` }`)
	defect("fetchFromGitHub of a name", `fetchFromGitHub { owner = "o"; repo = "r"; rev = "v${version}"; `+sri+` }`)
	defect("fetchTree without a hash", `builtins.fetchTree { type = "tarball"; url = "https://example.org/a"; }`)
	defect("fetchpatch in a string", `"${fetchpatch { url = "https://example.org/a"; }}"`)
	defect("getFlake", `(builtins.getFlake "github:o/r").packages`)
	defect("fetchClosure", `builtins.fetchClosure { fromStore = "https://example.org"; }`)
	defect("by its other name", `__fetchurl "https://example.org/a"`)
	defect("by a string", `builtins."fetchurl" "https://example.org/a"`)
	defect("by a string of a package set", `pkgs."fetchurl" { url = "https://example.org/a"; }`)
	defect("by a string of another name", `b."fetchTarball" "https://example.org/a"`)
	defect("by an interpolated string", `pkgs.${"fetchurl"} { url = "https://example.org/a"; }`)
	defect("by a string put together", `builtins."fetch${"Tarball"}" "https://example.org/a"`)
	defect("by a string of a variable", `builtins."fetch${kind}" "https://example.org/a"`)
	defect("default of a formal", `({ f ? fetchTarball }: f "https://example.org/a") { }`)
	defect("default of a second formal", `{ a, g ? fetchzip }: g { url = "https://example.org/a"; }`)
	defect("handed on by a set", `f { inherit (builtins) fetchTarball; }`)
	defect("handed on by a set within a let", `let a = { inherit fetchGit; }; in f a`)
	defect("no hash yet", `fetchurl { url = "https://example.org/a"; hash = lib.fakeHash; }`)
	defect("empty hash", `fetchurl { url = "https://example.org/a"; hash = ""; }`)
	defect("hash of zeros", `fetchurl { hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }`)
	defect("hash of MD5", `fetchurl { hash = "md5-rL0Y20zC+Fzt72VPzMSk2A=="; }`)
	defect("hash that is computed", `fetchurl { hash = sources.a.hash; }`)
	defect("hash that is put together", `fetchurl { hash = "sha256-${a}"; }`)
	defect("arguments that are computed", `fetchurl (args // { `+sri+` })`)
	defect("arguments by a name", `fetchurl args`)
	defect("passed on", `map fetchurl sources`)
	defect("under another name", `let get = pkgs.fetchurl; in get { }`)
	defect("hash in an inner set", `fetchurl { url = "https://example.org"; meta = { `+sri+` }; }`)
	defect("stale vendorHash", `buildGoModule { vendorHash = ""; }`)

	defect("no chroot", `derivation { __noChroot = true; }`)
	defect("no chroot in quotes", `derivation { "__noChroot" = true; }`)
	defect("impure derivation", `runCommand "a" { __impure = true; } ""`)
	defect("impure variables", `{ impureEnvVars = lib.fetchers.proxyImpureEnvVars; }`)
	defect("sandbox off", `{ nix.settings.sandbox = false; }`)
	defect("sandbox relaxed", `{ nix.settings."sandbox" = lib.mkForce "relaxed"; }`)
	defect("impure in a script", "''\n  cd x\n  nix build --impure .#uki\n''")
	defect("impure behind what is computed", `"nix build ${self} --impure"`)
	defect("impure in the next line", "''\n  nix build \\\n    --impure\n''")
	defect("impure in the next line of a string", `"x\nnix build \\\n --impure"`)
	defect("not pure in a script", `"nix eval --no-pure-eval .#uki"`)
	defect("not pure by an option", `"nix --option pure-eval false build"`)
	defect("no sandbox if it fails", `"nix build --option sandbox-fallback true"`)
	defect("sandbox off by a variable", `"NIX_CONFIG=\"sandbox = false\" nix build"`)
	defect("variable of a derivation", `derivation { NIX_CONFIG = "sandbox = false"; }`)
	defect("no chroot in JSON", `derivation (builtins.fromJSON "{\"__noChroot\":true}")`)
	defect("no chroot in an indented JSON", `derivation (builtins.fromJSON ''{"__noChroot" : true}'')`)
	defect("no chroot in TOML", `derivation (a // builtins.fromTOML "__noChroot = true")`)
	defect("no chroot in JSON of two lines", "derivation (a // builtins.fromJSON ''{\"__noChroot\"\n: true}'')")
	defect("no chroot in JSON by its number", `derivation (a // builtins.fromJSON "{\"\\u005f_noChroot\": true}")`)
	defect("no chroot in TOML by its number", `derivation (a // builtins.fromTOML "\"\\U0000005f_noChroot\" = true")`)
	defect("no chroot in an indented JSON by its number", `derivation (a // builtins.fromJSON ''{"_\u005fnoChroot": true}'')`)
	defect("no chroot behind an escape", `derivation (a // builtins.fromTOML "_\_noChroot = true")`)
	defect("no chroot in a text put together", `derivation (a // builtins.fromTOML "__no${"Chroot"} = true")`)
	defect("impure without a word before it", `"${lib.getExe pkgs.nix} build --impure"`)
	defect("impure in the next line of nothing", "''nix build .#uki\n--impure''")
	defect("impure as an argument", `{ args = [ "nix" "build" "--impure" ]; }`)
	defect("impure as an argument of a shell", `lib.escapeShellArgs [ "nix" "build" "--impure" ]`)
	defect("impure behind escapes", `"nix build \-\-im\pure ''${a}"`)
	defect("sandbox off by arguments", `[ "nix" "build" "--option" "sandbox" "false" ]`)
	defect("sandbox off by an argument and its value", `[ "--sandbox" ''false'' ]`)
	defect("variable of a derivation in quotes", `derivation { "NIX_CONFIG" = "sandbox = false"; }`)
	defect("attributes as JSON", `derivation { __json = builtins.toJSON attributes; }`)
	defect("sandbox off in a script", `"nix-build --option sandbox false"`)

	defect("by getAttr", `builtins.getAttr "fetchurl" pkgs { url = "https://example.org/a"; }`)
	defect("looked up", `import <nixpkgs> { }`)
	defect("path of the machine", `builtins.readFile /etc/passwd`)
	defect("text that is a path of the machine", `import "/etc/nixos/a.nix" { }`)
	defect("text in brackets that is a path of the machine", `builtins.readFile ("/etc/${name}")`)
	defect("path of the user", `~/.config/x`)
	defect("system of the machine", `{ system ? builtins.currentSystem }: system`)
	defect("inherited from builtins", `let inherit (builtins) currentTime; in currentTime`)
	defect("variable", `with builtins; getEnv "HOME"`)
	defect("builtins in quotes", `builtins."getEnv" "HOME"`)
	defect("computed builtin", `builtins.${name} "HOME"`)
	defect("builtins passed on", `f builtins`)
	defect("builtins of builtins", `let b = builtins.builtins; in b.${name} "HOME"`)
	defect("builtins inherited", `f { inherit builtins; }`)
	defect("builtins drawn", `let s = { inherit (builtins) builtins; }; in s.builtins.${name}`)
	defect("exec", `builtins.exec [ "id" ]`)

	defect("import of a fetch", `import (builtins.fetchTarball { url = "https://example.org"; `+sri+` }) { }`)
	defect("import of a build", `import (pkgs.runCommand "a" { } "echo 1 > $out")`)
	defect("build that is a file", `builtins.readFile pkgs.hello`)
	defect("file of a build", `builtins.readFile "${pkgs.hello}/share/a"`)
	golden(t, "nix-defects.txtar", got)
}

// What is large and wrong in each word ends after a hundred faults; a judge whose work
// grows with the square of a file would not come to the end of these.
func TestNixLarge(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"imports":  {strings.Repeat("import ", 20000), 0},
		"loads":    {"a: " + strings.Repeat("callPackage ./x.nix ", 20000), 0},
		"fetches":  {"[ " + strings.Repeat("fetchurl ", 20000) + "]", 100},
		"inherits": {"let inherit (builtins) " + strings.Repeat("fetchTarball ", 20000) + "; in 1", 0},
		"settings": {"{ " + strings.Repeat("sandbox = ", 20000) + "1; }", 0},
		"reads":    {strings.Repeat("readFile (", 190) + strings.Repeat("a ", 40000) + strings.Repeat(")", 190), 0},
		"texts":    {strings.Repeat(`"${`, 90) + `"` + strings.Repeat("a ", 40000) + `"` + strings.Repeat(`}"`, 90), 0},
	} {
		if faults := flake.Judge("a.nix", []byte(c.text)); len(faults) != c.want {
			t.Errorf("%s: %d faults, want %d", name, len(faults), c.want)
		}
	}
}

func TestFlakeDefects(t *testing.T) {
	got := map[string]string{}
	defect := func(name, text string) {
		faults := flake.Judge("flake.nix", []byte(text))
		if !faults.HasErrors() {
			t.Errorf("%s: accepted", name)
		}
		got[name] = render(t, faults)
	}
	input := func(name, text string) {
		defect(name, edit(t, goodFlake, `inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";`, text))
	}
	url := func(name, text string) { input(name, `inputs.nixpkgs.url = "`+text+`";`) }
	defect("no attribute set", "let a = 1; in { }")
	defect("a function", "{ }: { }")
	defect("nothing", "# nothing")
	url("no branch", "github:NixOS/nixpkgs")
	url("HEAD", "github:NixOS/nixpkgs/HEAD")
	url("registry", "nixpkgs/nixos-26.05")
	url("registry by its scheme", "flake:nixpkgs")
	url("path", "path:./nixpkgs")
	url("path without a scheme", "/home/me/nixpkgs")
	url("file", "git+file:///home/me/nixpkgs")
	url("archive", "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz")
	url("without encryption", "git+http://example.org/nixpkgs")
	url("git branch", "git+https://example.org/nixpkgs?ref=main")
	url("no URL", "%zz:")
	input("computed URL", `inputs.nixpkgs.url = "github:NixOS/nixpkgs/${branch}";`)
	input("computed input", `inputs.nixpkgs = import ./nixpkgs.nix;`)
	input("inherited input", `inputs = { inherit nixpkgs; };`)
	input("no URL at all", `inputs.nixpkgs.flake = false;`)
	input("no input at all", ``)
	input("indirect", `inputs.nixpkgs = { type = "indirect"; id = "nixpkgs"; };`)
	input("path by attributes", `inputs.nixpkgs = { type = "path"; path = "/home/me/nixpkgs"; };`)
	input("no branch by attributes", `inputs.nixpkgs = { type = "github"; owner = "NixOS"; repo = "nixpkgs"; };`)
	input("another type", `inputs.nixpkgs = { type = "hg"; url = "https://example.org"; };`)
	input("input of an input", `inputs = { nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; nixpkgs.inputs.lib.url = "lib"; };`)
	input("settings by a text that is interpolated", `inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; ${"nixConfig"}.extra-substituters = [ "https://cache.example.com" ];`)
	input("inputs by a text that is interpolated", `${"inputs"}.nixpkgs.url = "path:/home/me/nixpkgs";`)
	input("input by a text that is interpolated", `inputs.${"nixpkgs"}.url = "path:/home/me/nixpkgs";`)
	input("URL by a text that is interpolated", `inputs.nixpkgs.${"url"} = "path:/home/me/nixpkgs";`)
	input("computed name of the flake", `inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; ${name}.extra-substituters = [ "https://cache.example.com" ];`)
	input("computed name of an input", `inputs = { nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; ${name}.url = "github:example/tool/main"; };`)
	input("computed name of an attribute", `inputs.nixpkgs = { url = "github:NixOS/nixpkgs/nixos-26.05"; ${name} = "path:/home/me/nixpkgs"; };`)
	input("input with a slash", `inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; inputs."a/b".url = "path:/home/me/b";`)
	input("settings", `inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; nixConfig.extra-substituters = [ "https://cache.example.com" ];`)
	input("sandbox off", `inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; nixConfig = { sandbox = false; };`)
	golden(t, "flake-defects.txtar", got)
}

// Which files are judged, and what they are called.
func TestFlakeFiles(t *testing.T) {
	bad := &fstest.MapFile{Data: []byte("<nixpkgs>")}
	r, err := flake.JudgeAll(fstest.MapFS{
		"flake.nix":           {Data: []byte(goodFlake)},
		"rooms/web/image.nix": bad,
		"out/a.nix":           bad,
		"rooms/out/b.nix":     bad,
		".ci/a.nix":           bad,
		".git/a.nix":          bad,
		"rooms/imports.nix":   {Data: []byte("[ (import ./web/image.nix) (import ./.. { }) (import ../notes.txt) (import (../out/a.nix)) (import ../../a.nix) (scopedImport { } ./gone.nix) (callPackage ../lib { }) (callPackage ./out { }) (import ./${room}/image.nix) ]")},
		"lib/default.nix":     {Data: []byte("{ }")},
		"default.nix":         {Data: []byte("{ }")},
		"notes.txt":           bad,
		"link.nix":            {Data: []byte("<nixpkgs>"), Mode: os.ModeSymlink},
	}, "checkout")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "flake-files.txtar", map[string]string{"want": render(t, r.Faults) + r.Summary() + "\n"})
	if _, err := flake.JudgeAll(fstest.MapFS{"a.txt": bad}, "."); err == nil || err.Error() != "there is no .nix file" {
		t.Errorf("without files: %v", err)
	}
}

// FuzzNix: tokens are in order, do not overlap, match, and leave out nothing but blanks
// and comments; and a fetch that is put behind a file that is accepted is seen.
func FuzzNix(f *testing.F) {
	for _, seed := range []string{goodFlake, "''a ''${b} '''", `"a${"b${c}"}$${d}\${e}"`, "./a/${b}/c~/d<e/f>g:h", "{ a, b ? 1, ... }@c: a.b or 1.5e3 -> !d", "# a\r\n/* b */ //"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, faults := nixlang.Read("a.nix", []byte(text))
		if len(faults) > 0 {
			render(t, faults)
			return
		}
		at := 0
		for i, token := range file.Tokens {
			if token.Place.Start < at || token.Place.End <= token.Place.Start {
				t.Fatalf("token %d is at %v, the one before ends at %d", i, token.Place, at)
			}
			between := strings.TrimLeft(text[at:token.Place.Start], " \t\r\n")
			if between != "" && !strings.HasPrefix(between, "#") && !strings.HasPrefix(between, "/*") {
				t.Fatalf("%q was left out", between)
			}
			at = token.Place.End
			if token.Kind == nixlang.Open && file.Tokens[token.Match].Match != i {
				t.Fatalf("token %d does not match", i)
			}
		}
		render(t, flake.Judge("flake.nix", []byte(text)))
		if !strings.Contains(render(t, flake.Judge("a.nix", []byte(text+"\n( fetchTarball \"x\" )"))), "fetchTarball") {
			t.Fatal("the fetch behind it was not seen")
		}
	})
}
