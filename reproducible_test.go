package anchor

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTwoBuildsGiveOneImage makes the image in two checkouts that have nothing in
// common but the sources, and wants the same bytes of every artefact.
func TestTwoBuildsGiveOneImage(t *testing.T) {
	one := buildCheckout(t, "one", "022", "TZ=UTC", "LC_ALL=C", "LANG=C")
	two := buildCheckout(t, "another/place", "077", "TZ=Pacific/Auckland", "LC_ALL=de_DE.UTF-8", "LANG=tr_TR.UTF-8",
		"SOURCE_DATE_EPOCH=1700000000", "GOARM64=v8.5", "GOFLAGS=-buildvcs=true", "HOSTNAME=elsewhere")
	for _, artefact := range []string{
		"bin/bay0-arm64", "bin/bay0-amd64", "bin/passportc", "out/images/web.squashfs",
		"out/passports.bin", "out/initrd", "out/anchor.efi",
	} {
		a, b := readFile(t, filepath.Join(one, artefact)), readFile(t, filepath.Join(two, artefact))
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs: %d and %d bytes", artefact, len(a), len(b))
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return b
}

// buildCheckout copies what git tracks to a directory of its own and makes the
// image there. Only the cache of slow parts is shared.
func buildCheckout(t *testing.T, name, umask string, environment ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, ".", nil, "sh", "-c", `git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$0"`, dir)
	run(t, dir, environment, "sh", "-c", `umask "$0" && exec make build uki`, umask)
	return dir
}

func run(t *testing.T, dir string, environment []string, command ...string) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	// What an outer make or go has set for itself is not for this build.
	for _, variable := range os.Environ() {
		if key, _, _ := strings.Cut(variable, "="); key != "MAKEFLAGS" && key != "MAKELEVEL" && key != "GOWORK" && key != "ANCHOR_PARTS" {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, environment...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, said)
	}
}
