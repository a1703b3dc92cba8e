package nix

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checkNames are the checks, each for one thing.
var checkNames = []string{
	"formatted", "gate-bay0", "gate-flake", "gate-kernel", "gate-lock", "gate-nixconf", "image",
	"tests-bay0", "tests-compiler", "tests-gates", "tests-policy", "tests-programs", "tests-release", "tests-whole",
}

// checks: each check passes.
func checks(t *testing.T, l *lab) {
	l.must(t, l.tree, l.call("flake check", "--no-build", "--all-systems")...)
	for _, check := range checkNames {
		took := timed(func() {
			if _, said, err := l.run(l.tree, l.call("build", "--no-link", "-L", ".#checks.x86_64-linux."+check)...); err != nil {
				t.Errorf("%s: %v\n%s", check, err, said)
			}
		})
		l.note("check", check, took)
	}
}

// everyGate: all gates at once, on this checkout and what Nix built of it.
func everyGate(t *testing.T, l *lab) {
	out, errs, err := l.run(l.tree, passportc(t, l), "gate", "all", "--nixconf", "nix/nix.conf", "--bay0", filepath.Join(l.build(t, "bay0"), "bin/bay0"))
	if err != nil {
		t.Errorf("%v\n%s%s", err, out, errs)
	}
	for _, gate := range []string{"kernel", "lock", "nixconf", "flake", "bay0"} {
		if !regexp.MustCompile(`(?m)^` + gate + ` +open `).MatchString(out) {
			t.Errorf("the gate %s is not open\n%s%s", gate, out, errs)
		}
	}
	l.note("gate all", "kernel, lock, nixconf, flake, bay0 with its binary", "open")
}

// shell: each tool that was promised is there, and says itself which it is.
func shell(t *testing.T, l *lab) {
	for _, tool := range []struct{ call, says string }{
		{"go version", `go version go1\.26\S*`},
		{"gopls version", `golang\.org/x/tools/gopls \S+`},
		{"govulncheck -version", `Go: go1\.26\S*`},
		{"sbsign --version", `sbsign [0-9.]+`},
		{"sbverify --version", `sbverify [0-9.]+`},
		{"efibootmgr --version", `version [0-9]+`},
		{"cryptsetup --version", `cryptsetup [0-9.]+`},
		{"tpm2 --version", `version="[0-9.]+"`},
		{"qemu-system-aarch64 --version", `QEMU emulator version [0-9.]+`},
		{"swtpm --version", `TPM emulator version [0-9.]+`},
		{"jq --version", `jq-[0-9.]+`},
		{"tokei --version", `tokei [0-9.]+`},
		{"cue version", `cue version \S+`},
		{"mksquashfs -version", `mksquashfs version [0-9.]+`},
		{"mcopy --version", `mcopy \(GNU mtools\) [0-9.]+`},
		{"mkfs.vfat --help", `mkfs\.fat [0-9.]+`},
		{"passportc --help", `passportc \[command\]`},
	} {
		out, errs, err := l.run(l.tree, l.call("develop", append([]string{"-c"}, strings.Fields(tool.call)...)...)...)
		said := regexp.MustCompile(tool.says).FindString(out + errs)
		if said == "" || err != nil {
			t.Errorf("%s: %v, want %s\n%s%s", tool.call, err, tool.says, out, errs)
		}
		l.note("develop -c", tool.call, said)
	}
}

// formats: nix fmt mends what it is given, and finds nothing in what is committed.
func formats(t *testing.T, l *lab) {
	l.must(t, l.tree, l.call("fmt", "--", "--check")...)
	l.edit(t, "nix/shell.nix", "pkgs.mkShell {", "pkgs.mkShell {  ")
	l.edit(t, "cmd/bay0/main.go", "package main\n", "package  main\n")
	l.edit(t, "cue/room.cue", "package schema", "package  schema")
	l.edit(t, "rooms/web/passport.toml", "\n[network]", "\n\n\n[network]")
	l.must(t, l.tree, l.call("fmt")...)
	if differs := l.must(t, l.tree, "git", "diff", "--stat"); differs != "" {
		t.Errorf("after nix fmt:\n%s", differs)
	}
	l.note("fmt", "Nix, Go, CUE, TOML", "mends what differs, and --check finds it")
}

// document: the commands of docs/NIX.md are those that work.
func document(t *testing.T, l *lab) {
	text := string(read(t, "../docs/NIX.md"))
	ran := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			words := strings.Fields(line)
			if words[0] != "nix" {
				l.must(t, l.tree, "make", "-n", words[1])
				continue
			}
			verb := 2
			if words[1] == "flake" {
				verb = 3
			}
			_, said, err := l.run(l.tree, l.call(strings.Join(words[1:verb], " "), append([]string{"-L"}, words[verb:]...)...)...)
			if err != nil {
				t.Errorf("%s: %v\n%s", line, err, said)
			}
			ran++
		}
	}
	if ran < 4 {
		t.Errorf("only %d commands found", ran)
	}
}
