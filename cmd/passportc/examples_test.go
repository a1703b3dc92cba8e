package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
)

// onlyRead are commands whose examples are read but not carried out, with the reason.
var onlyRead = map[string]string{
	"passportc uki boot": "it needs firmware and a real kernel; make demo calls it",
}

// TestExamplesOfCommands runs what --help shows, as it stands there, in a directory
// that looks like a checkout after `make uki`. Every command has an example.
func TestExamplesOfCommands(t *testing.T) {
	checkout := madeCheckout(t)
	ran := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, child := range c.Commands() {
			walk(child)
		}
		lines := exampleLines(c)
		if !c.HasSubCommands() && (c.Long == "" || len(lines) == 0) {
			t.Errorf("%s has no example, or no long help", c.CommandPath())
		}
		for _, line := range lines {
			ran++
			t.Run(line, func(t *testing.T) { runExample(t, c, checkout, line) })
		}
	}
	walk(newRoot())
	if ran < 20 {
		t.Errorf("only %d examples were found", ran)
	}
}

func runExample(t *testing.T, c *cobra.Command, checkout, line string) {
	if !strings.HasPrefix(line, c.CommandPath()) {
		t.Errorf("an example of %s is of something else", c.CommandPath())
	}
	if _, known := onlyRead[c.CommandPath()]; known {
		line += " --help" // flags are read before help is given
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(checkout)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-euc", line)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// exampleLines gives the commands in a command's example, each whole.
func exampleLines(c *cobra.Command) (lines []string) {
	text := strings.ReplaceAll(c.Example, "\\\n", " ")
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// madeCheckout has the repository's rooms and kernel, and stands in for what is built.
func madeCheckout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"rooms", "kernel"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS("../../"+folder)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	passports, err := filepath.Glob("rooms/*/passport.toml")
	if err != nil || len(passports) == 0 {
		t.Fatalf("%d rooms, error %v", len(passports), err)
	}
	for _, p := range passports {
		name := filepath.Base(filepath.Dir(p))
		write(t, "out/images/"+name+".squashfs", "hsqs "+name)
	}
	writeGated(t)
	write(t, "linuxaa64.efi.stub", string(petest.Stub(pe.ARM64)))
	write(t, "Image", string(petest.Kernel(pe.ARM64, "6.12.0-anchor")))
	for _, c := range []*cobra.Command{compileCommand(), initrdCommand(), ukiBuildCommand()} {
		_, flags, _ := strings.Cut(exampleLines(c)[0], " --")
		c.SetArgs(strings.Fields("--" + flags))
		if err := c.Execute(); err != nil {
			t.Fatalf("%s: %v", c.Name(), err)
		}
	}
	return dir
}

// writeGated writes what the gates judge besides rooms and kernel: what goes without
// saying in the examples of explain, and a program built of it.
func writeGated(t *testing.T) {
	t.Helper()
	t.Setenv("GOWORK", "off")
	for _, f := range txtar.Parse(baseOfExamples).Files {
		if !strings.HasPrefix(f.Name, "rooms/") {
			write(t, f.Name, string(f.Data))
		}
	}
	for _, dir := range []string{"", "before/"} {
		write(t, dir+"flake.nix", "{ outputs = { self }: { }; }\n")
		write(t, dir+"go.sum", "example.org/a v1.2.0 h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
		write(t, dir+"bom.json", `{"kernel": "6.12.107", "stub": "260.1", "go": "1.26.8", "squashfs-tools": "4.7.2"}`)
	}
	build := exec.Command("go", "build", "-o", "bin/bay0-arm64", "./cmd/bay0")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
