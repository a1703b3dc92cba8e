package boot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/policy/blob"
)

// checkDigest wants line to carry digest as its one bay0.passports parameter.
func checkDigest(line []byte, digest [sha256.Size]byte) error {
	_, rest, found := bytes.Cut(line, []byte(" "+blob.DigestParameter))
	if !found {
		return fmt.Errorf("cannot trust the policy: the kernel command line has no %s", blob.DigestParameter)
	}
	want := hex.AppendEncode(nil, digest[:])
	got := rest[:min(len(rest), len(want))]
	if !bytes.Equal(got, want) {
		return fmt.Errorf("cannot trust the policy: its digest is %s, the kernel command line says %q", want, got)
	}
	return nil
}

// checkCommandLine wants line to be want, byte for byte. The reason shows the
// first parameter that differs, cut: two whole lines are more than a record of
// the kernel log holds, and a reader would have to compare them.
func checkCommandLine(line, want string) error {
	if line == want {
		return nil
	}
	got, wanted := strings.SplitAfter(line, " "), strings.SplitAfter(want, " ")
	for len(got) > 1 && len(wanted) > 1 && got[0] == wanted[0] {
		got, wanted = got[1:], wanted[1:]
	}
	return fmt.Errorf("cannot accept the kernel command line: it has %.128q, where the policy wants %.128q", got[0], wanted[0])
}
