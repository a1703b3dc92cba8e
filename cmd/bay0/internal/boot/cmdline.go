package boot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

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
