package encode

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/judge"
)

// MaxBlob is the largest blob that is read, in bytes.
const MaxBlob = 16 << 20

// Read is how everybody but Bay0 reads a policy: it decodes b, judges what it says, and
// wants b to be the one encoding of that.
func Read(b []byte) (*blob.View, error) {
	if len(b) > MaxBlob {
		return nil, fault("it has %d bytes, want at most %d", len(b), MaxBlob)
	}
	v, err := blob.Decode(b)
	if err != nil {
		return nil, err
	}
	if err := judge.Policy(v); err != nil {
		return nil, err
	}
	p := Policy(v)
	if err := checkTexts(p); err != nil {
		return nil, err
	}
	if err := checkCanonical(b, encode(p)); err != nil {
		return nil, err
	}
	return v, nil
}

// fault says what is wrong with a policy, as package judge does.
func fault(format string, args ...any) error {
	return fmt.Errorf("cannot accept the policy: "+format, args...)
}

// checkTexts wants each string to be one that the kernel reads to its end.
func checkTexts(p policy.Policy) error {
	e := newEncoder()
	e.collect(p)
	for _, s := range slices.Sorted(maps.Keys(e.texts.places)) {
		if strings.Contains(s, "\x00") {
			return fault("%.64q has a NUL in it", s)
		}
	}
	return nil
}

// checkCanonical names the first byte at which b is not the one encoding.
func checkCanonical(b, one []byte) error {
	switch {
	case bytes.Equal(b, one):
		return nil
	case len(b) != len(one):
		return fault("it has %d bytes, the one encoding of what it says has %d", len(b), len(one))
	}
	at := 0
	for b[at] == one[at] {
		at++
	}
	return fault("byte 0x%x differs from the one encoding of what it says", at)
}
