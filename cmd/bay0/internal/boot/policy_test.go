package boot

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy/blob"
)

// goodBlob is the conformance vector of a policy with two rooms.
func goodBlob(t *testing.T) ([]byte, [32]byte) {
	t.Helper()
	text, err := os.ReadFile("../../../../policy/blob/testdata/vectors/good.vector")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n\n")
	b, err := hex.DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b, sha256.Sum256(b)
}

// The kernel gives the command line with a newline behind it.
func lineFor(t *testing.T, b []byte, digest [32]byte) string {
	t.Helper()
	v, err := blob.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(blob.AppendCommandLine(nil, v.CommandLine(), digest)) + "\n"
}

func TestPolicyIsOpenedUnderItsOwnCommandLine(t *testing.T) {
	b, digest := goodBlob(t)
	v, err := openPolicy(b, digest, []byte(lineFor(t, b, digest)))
	if err != nil {
		t.Fatal(err)
	}
	if v.Rooms() != 2 {
		t.Errorf("%d rooms, want 2", v.Rooms())
	}
}

func TestPolicyIsRefusedUnderAnyOther(t *testing.T) {
	b, digest := goodBlob(t)
	line := lineFor(t, b, digest)
	hash := hex.EncodeToString(digest[:])
	for name, c := range map[string]struct{ line, want string }{
		"empty":              {"", `cannot trust the policy: the kernel command line has no bay0\.passports=sha256:`},
		"digest at the head": {blob.DigestParameter + hash + " --\n", `cannot trust the policy: the kernel command line has no .*`},
		"digest cut short":   {line[:len(line)-6], `cannot trust the policy: its digest is [0-9a-f]{64}, the kernel command line says ".*"`},
		"another digest":     {strings.Replace(line, hash[:2], "zz", 1), `cannot trust the policy: its digest is ` + hash + `, the kernel command line says "zz.*"`},
		"two digests":        {"x " + blob.DigestParameter + hash + " " + line, `cannot accept the kernel command line: it has "x ", where the policy wants "[^ ]+ "`},
		"no newline":         {strings.TrimSuffix(line, "\n"), `cannot accept the kernel command line: it has "--", where the policy wants "--\\n"`},
		"no double dash":     {strings.Replace(line, " --", "", 1), `cannot accept the kernel command line: it has "bay0.passports=sha256:[0-9a-f]{64}\\n", where the policy wants "bay0.passports=sha256:[0-9a-f]{64} "`},
		"more behind it":     {strings.Replace(line, "\n", " x\n", 1), `cannot accept the kernel command line: it has "-- ", where the policy wants "--\\n"`},
		"more before it":     {"nokaslr " + line, `cannot accept the kernel command line: it has "nokaslr ", where the policy wants "[^ ]+ "`},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := openPolicy(b, digest, []byte(c.line))
			if err == nil || v != nil {
				t.Fatalf("opened under %q", c.line)
			}
			if !regexp.MustCompile("^" + c.want + "$").MatchString(err.Error()) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

// A digest that matches does not make a policy of other bytes.
func TestMalformedPolicyIsRefusedUnderAMatchingDigest(t *testing.T) {
	b, digest := goodBlob(t)
	line := lineFor(t, b, digest)
	b[48] = 200
	spoiled := sha256.Sum256(b)
	line = strings.Replace(line, hex.EncodeToString(digest[:]), hex.EncodeToString(spoiled[:]), 1)
	const want = "cannot decode policy blob: byte 0x30: there are no 1 records of instructions from 200 on"
	if _, err := openPolicy(b, spoiled, []byte(line)); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestImageIsComparedWhole(t *testing.T) {
	b, _ := goodBlob(t)
	v, err := blob.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	r := v.Room(0) // of 4096 bytes with a digest that nothing has
	const want = `it has 3 bytes with digest ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, the policy wants 4096 with 0102030000000000000000000000000000000000000000000000000000000000`
	if err := checkImage(strings.NewReader("abc"), r); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
