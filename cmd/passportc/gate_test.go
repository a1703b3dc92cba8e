package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A gate that has nothing to ask says so, and is not open.
func TestGateNixConfWithoutNix(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out, errors bytes.Buffer
	if code := run([]string{"gate", "nixconf"}, &out, &errors); code != exitFindings {
		t.Errorf("exit code %d", code)
	}
	want := `passportc: there is no nix here to ask for its settings
hint: name a file: passportc gate nixconf /etc/nix/nix.conf
`
	if diff := cmp.Diff(want, out.String()+errors.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Among all gates, it is one that has not judged.
func TestGateAllWithoutNix(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out, errors bytes.Buffer
	if code := run([]string{"gate", "all", "--without", "kernel", "--without", "lock", "--without", "flake", "--without", "bay0"}, &out, &errors); code != exitFindings {
		t.Errorf("exit code %d", code)
	}
	want := `passportc: the gate nixconf has not judged: there is no nix here
hint: name a file by --nixconf, or leave it out: --without nixconf
`
	if diff := cmp.Diff(want, errors.String()); diff != "" || !strings.Contains(out.String(), "nixconf  NOT JUDGED  -") {
		t.Errorf("(-want +got)\n%s\n%s", diff, out.String())
	}
}

// The commands of docs/GATES.md work as they stand there, in a checkout in which nothing
// is wrong; make's own targets exist.
func TestGateDocument(t *testing.T) {
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../docs/GATES.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	writeGated(t)
	ran := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(document), -1) {
		for line := range strings.Lines(block[1]) {
			ran++
			words := strings.Fields(line)
			if words[0] == "make" {
				if out, err := exec.Command("make", "-n", "-C", repository, words[1]).CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
				continue
			}
			var out bytes.Buffer
			if code := run(words[1:], &out, &out); words[0] != "bin/passportc" || code != exitOK {
				t.Errorf("%s: exit code %d\n%s", line, code, out.String())
			}
		}
	}
	if ran < 8 {
		t.Errorf("only %d commands found", ran)
	}
}
