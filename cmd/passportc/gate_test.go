package main

import (
	"bytes"
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
