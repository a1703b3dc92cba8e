package nix

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// refusal is one thing that must not be built, with the message that says why. A command is a call of Nix
// that builds what is named, unless it is given whole.
type refusal struct {
	name  string
	edit  func(*testing.T, *lab)
	build string
	whole func(*testing.T, *lab) []string
	want  string // a regular expression
}

// refuses: each fault is refused for its own reason.
func refuses(t *testing.T, l *lab) {
	n := 0
	for _, all := range [][]refusal{policyRefusals, networkRefusals, sandboxRefusals, kernelRefusals, settingRefusals, lockRefusals(), styleRefusals} {
		for _, r := range all {
			t.Run(r.name, func(t *testing.T) {
				if r.edit != nil {
					r.edit(t, l)
				}
				command := l.call("build", "--no-link", "-L", ".#"+r.build)
				if r.whole != nil {
					command = r.whole(t, l)
				}
				out, errs, err := l.run(l.tree, command...)
				said := regexp.MustCompile(r.want).FindString(out + errs)
				switch {
				case err == nil:
					t.Errorf("it was not refused\n%s%s", out, errs)
				case said == "":
					t.Errorf("it was refused for another reason than %s\n%s%s", r.want, out, errs)
				default:
					n++
					l.note("refused", r.name, strings.Join(strings.Fields(said), " "))
				}
			})
		}
	}
	if n < 20 {
		t.Errorf("only %d refusals", n)
	}
}

// edits is a change of one file.
func edits(name, old, new string) func(*testing.T, *lab) {
	return func(t *testing.T, l *lab) { l.edit(t, name, old, new) }
}

var policyRefusals = []refusal{
	{
		name: "a passport that is not TOML", build: "passports",
		edit: edits("rooms/web/passport.toml", "[network]", "[network"),
		want: `Error: broken TOML: expected '\]' to close table name \[P0201\]`,
	},
	{
		name: "a passport against the schema", build: "passports",
		edit: edits("rooms/web/passport.toml", `profile = "service"`, `profile = "servise"`),
		want: `system-calls\.profile cannot be "servise" \[P0306\]`,
	},
	{
		name: "a required room that is missing", build: "passports",
		edit: func(t *testing.T, l *lab) { l.remove(t, "rooms/reader") },
		want: `Error: there is no room "reader" \[P0503\]`,
	},
	{
		name: "a room without an image", build: "passports",
		edit: func(t *testing.T, l *lab) { l.remove(t, "rooms/web/image.nix") },
		want: `cannot bind the image of room web: .* \[P0505\]`,
	},
	{
		name: "a room with the name of an attribute that the package of all images has", build: "passports",
		edit: func(t *testing.T, l *lab) { l.room(t, "system") },
		want: `error: no room can have the name system: the package of all images has such an attribute`,
	},
	{
		name: "a socket that the other room does not grant", build: "passports",
		edit: edits("rooms/reader/passport.toml", `socket = "open-url"`, `socket = "secrets"`),
		want: `Error: the room "web" provides no socket "secrets" \[P0509\]`,
	},
}

// said is a script's line that a derivation of ours runs first.
func said(script string) func(*testing.T, *lab) {
	return edits("nix/release.nix", "    mkdir $out\n    cd ", "    "+script+"\n    mkdir $out\n    cd ")
}

var sandboxRefusals = []refusal{
	{
		name: "a file of the machine in a derivation", build: "passports",
		edit: said("cat /etc/hostname /root/.profile"),
		want: `cat: /root/\.profile: No such file or directory`,
	},
	{
		name: "a fetch without a hash", build: "passports",
		edit: edits("nix/release.nix", "inherit (go) passportc;", `passportc = builtins.fetchurl "https://example.org/passportc";`),
		want: `in pure evaluation mode, 'fetchurl' requires a 'sha256' argument`,
	},
	{
		name: "a fetch without a hash, by the gate", build: "checks.x86_64-linux.gate-flake",
		edit: edits("rooms/reader/image.nix", `sha256 = "a745b681c0c52e4e0f028e0dab7b85078de1199c1d86c7b4c12502061c24f297";`, ""),
		want: `Error: fetchurl has no hash \[P0638\]`,
	},
	{
		name: "a derivation outside the sandbox", build: "passports",
		edit: edits("nix/release.nix", "{ nativeBuildInputs = [ passportc ]; }", "{ nativeBuildInputs = [ passportc ]; __noChroot = true; }"),
		want: `has '__noChroot' set, but that's not allowed when 'sandbox' is 'true'`,
	},
	{
		name: "a derivation outside the sandbox, by the gate", build: "checks.x86_64-linux.gate-flake",
		edit: edits("nix/release.nix", "{ nativeBuildInputs = [ passportc ]; }", "{ nativeBuildInputs = [ passportc ]; __noChroot = true; }"),
		want: `Error: a derivation with __noChroot opens the sandbox \[P0639\]`,
	},
	{
		name: "a path of the machine", build: "passports",
		edit: edits("nix/release.nix", "cd ${sources.passports}", "cd ${/etc/nix}"),
		want: `access to absolute path '/etc' is forbidden in pure evaluation mode`,
	},
	{
		name: "a stale vendorHash", build: "passportc.modules",
		edit: edits("nix/go.nix", `vendorHash = "sha256-c`, `vendorHash = "sha256-d`),
		want: `hash mismatch in fixed-output derivation[^\n]*\n *specified: *sha256-d[^\n]*\n *got: *sha256-c\S*`,
	},
	{
		name: "a stale hash of the modules that a release is built of", build: "bay0",
		edit: edits("nix/go.nix", `vendorHash = "sha256-q`, `vendorHash = "sha256-r`),
		want: `hash mismatch in fixed-output derivation[^\n]*\n *specified: *sha256-r[^\n]*\n *got: *sha256-q\S*`,
	},
}

var kernelRefusals = []refusal{
	{
		name: "a kernel option that Kconfig drops", build: "kernel",
		edit: edits("kernel/config-hardened", "CONFIG_SECURITY=y\n", "# CONFIG_SECURITY is not set\n"),
		want: `Error: CONFIG_SECURITY_LOCKDOWN_LSM is missing, want y \[P0615\]`,
	},
	{
		name: "a kernel option that is weakened", build: "kernel",
		edit: edits("kernel/config-hardened", "# CONFIG_IO_URING is not set\n", "CONFIG_IO_URING=y\n"),
		want: `Error: CONFIG_IO_URING is y, want n \[P0614\]`,
	},
	{
		name: "a patch that does not apply", build: "kernel",
		edit: edits("kernel/patches/0004-cgroup-do-not-register-version-1.patch", "-\tWARN_ON(", "-\tWARN("),
		want: `1 out of 1 hunk FAILED -- saving rejects to file \S+`,
	},
	{
		name: "a PID 1 that reaches the network's packages", build: "checks.x86_64-linux.gate-bay0",
		edit: edits("cmd/bay0/main.go", "import (\n", "import (\n\t_ \"net\"\n"),
		want: `Error: .*\bnet\b.* \[P0646\]`,
	},
}

// config is a file with Nix's settings under some options.
func config(t *testing.T, l *lab, options ...string) string {
	path := filepath.Join(t.TempDir(), "config.json")
	text := l.must(t, l.tree, l.alone(append([]string{"config", "show", "--json"}, options...)...)...)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func setting(name, value, want string) refusal {
	return refusal{
		name: name + " = " + value,
		whole: func(t *testing.T, l *lab) []string {
			return []string{passportc(t, l), "gate", "nixconf", config(t, l, "--option", name, value)}
		},
		want: want,
	}
}

// passportc is the one that Nix has built.
func passportc(t *testing.T, l *lab) string {
	return filepath.Join(l.build(t, "passportc"), "bin/passportc")
}

var settingRefusals = []refusal{
	setting("sandbox", "false", `Error: sandbox is "false" \[P0636\]`),
	setting("sandbox", "relaxed", `Error: sandbox is "relaxed" \[P0636\]`),
	setting("sandbox-fallback", "true", `Error: sandbox-fallback is "true" \[P0636\]`),
	setting("substituters", "https://cache.example.org", `Error: substituters names "https://cache.example.org" \[P0636\]`),
	setting("require-sigs", "false", `Error: require-sigs is "false" \[P0636\]`),
}

var styleRefusals = []refusal{
	{
		name: "Nix that is not formatted", build: "checks.x86_64-linux.formatted",
		edit: edits("nix/shell.nix", "pkgs.mkShell {", "pkgs.mkShell { "),
		want: `nix/shell\.nix: not formatted`,
	},
	{
		name: "Go that is not formatted", build: "checks.x86_64-linux.formatted",
		edit: edits("cmd/bay0/main.go", "package main\n", "package  main\n"),
		want: `not as gofmt writes it:\n.*cmd/bay0/main\.go`,
	},
	{
		name: "CUE that is not formatted", build: "checks.x86_64-linux.formatted",
		edit: edits("cue/room.cue", "package schema", "package  schema"),
		want: `cue/room\.cue\n.*format: what is listed above is not formatted`,
	},
	{
		name: "TOML that is not formatted", build: "checks.x86_64-linux.formatted",
		edit: edits("rooms/web/passport.toml", "[network]", "[ network ]"),
		want: `rooms/web/passport\.toml`,
	},
}
