package signing

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
)

func digest(t *testing.T, b []byte) [32]byte {
	t.Helper()
	d, err := Digest(b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDigestByHand spells out what is hashed.
func TestDigestByHand(t *testing.T) {
	b := petest.Stub(pe.ARM64)
	h := sha256.New()
	h.Write(b[:petest.CheckSum])
	h.Write(b[petest.CheckSum+4 : petest.CertificateEntry])
	h.Write(b[petest.CertificateEntry+8:])
	if got := digest(t, b); !bytes.Equal(got[:], h.Sum(nil)) {
		t.Errorf("got %x, want %x", got, h.Sum(nil))
	}
}

func TestDigestIsTheSameOnceSigned(t *testing.T) {
	b := petest.Stub(pe.AMD64)
	want := digest(t, b)
	signed := petest.Sign(b, petest.Certificate("PKCS#7"))
	petest.Put32(signed, petest.CheckSum, 0x1234)
	twice := petest.Sign(b, append(petest.Certificate("one"), petest.Certificate("the other")...))
	for name, b := range map[string][]byte{"signed": signed, "signed twice": twice} {
		if got := digest(t, b); got != want {
			t.Errorf("%s: got %x, want %x", name, got, want)
		}
	}
}

// TestDigestOfEachByte changes one byte at a time: all but those that a signature
// leaves out change the digest, or the file is refused.
func TestDigestOfEachByte(t *testing.T) {
	b := petest.Stub(pe.ARM64)
	want := digest(t, b)
	for i := range b {
		changed := bytes.Clone(b)
		changed[i] ^= 1
		got, err := Digest(changed)
		leftOut := i >= petest.CheckSum && i < petest.CheckSum+4
		if err == nil && (got == want) != leftOut {
			t.Errorf("byte %#x: digest %x", i, got)
		}
	}
}

// TestDigestRefuses has files that other readers take, or stumble over.
func TestDigestRefuses(t *testing.T) {
	stub := func() []byte { return petest.Stub(pe.ARM64) }
	signed := func() []byte { return petest.Sign(stub(), petest.Certificate("PKCS#7")) }
	put := func(b []byte, at int, v uint32) []byte { petest.Put32(b, at, v); return b }
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"certificate table larger than the file", put(signed(), petest.CertificateEntry+4, 0x7fffffff),
			`certificate table at offset 0xe8: 2147483647 bytes at 0x1400, the file has 0x1410`},
		{"certificate table without a place", put(stub(), petest.CertificateEntry+4, 16),
			`certificate table at offset 0xe8: 16 bytes at 0x0, the file has 0x1400`},
		{"certificate table over a section", put(put(stub(), petest.CertificateEntry, 0x1200), petest.CertificateEntry+4, 0x200),
			`certificate table at offset 0xe8: stands at 0x1200, the last section ends at 0x1400`},
		{"SizeOfHeaders of 0", put(stub(), petest.SizeOfHeaders, 0),
			`header room at offset 0x94: SizeOfHeaders is 0x0, the section table ends at 0x238`},
		{"section cut off", stub()[:0x1300],
			`section data at offset 0x220: section ".reloc" has 0x200 bytes at 0x1200, the file has 0x1300`},
		{"data behind the certificate table", append(signed(), make([]byte, 8)...),
			`trailing bytes at offset 0x1410: 0x8 bytes behind the certificate table`},
		{"data behind the sections", append(stub(), make([]byte, 8)...),
			`trailing bytes at offset 0x1400: 0x8 bytes behind the last section`},
		{"overlapping sections", put(stub(), petest.Row(5)+petest.RawOffset, 0x1000),
			`overlap at offset 0x224: section ".reloc" stands at 0x1000, what is before it ends at 0x1200`},
		{"no image", []byte("MZ"),
			`DOS header at offset 0x0: 2 bytes, want 64 at least`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Digest(c.b)
			var broken *pe.LawError
			if got != [32]byte{} || !errors.As(err, &broken) {
				t.Fatalf("got %x and error %v, want a broken clause alone", got, err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDisagreementIsRefused(t *testing.T) {
	own := sha256.Sum256([]byte("image"))
	other := sha256.Sum256([]byte("another"))
	const ownHex = "6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d"
	for name, c := range map[string]struct {
		second []byte
		want   string
	}{
		"another digest": {other[:], "cannot tell the image's digest: it is " + ownHex + " as we read it and ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5 as go-uefi does"},
		"no digest":      {nil, "cannot tell the image's digest: it is " + ownHex + " as we read it and  as go-uefi does"},
		"part of it":     {own[:31], "cannot tell the image's digest: it is " + ownHex + " as we read it and " + ownHex[:62] + " as go-uefi does"},
	} {
		got, err := agreed(own, c.second)
		if got != [32]byte{} || err == nil {
			t.Errorf("%s: got %x and error %v, want an error alone", name, got, err)
			continue
		}
		if d := cmp.Diff(c.want, err.Error()); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
	if got, err := agreed(own, own[:]); got != own || err != nil {
		t.Errorf("the same digest twice: got %x and error %v", got, err)
	}
}

// FuzzDigest proves that go-uefi, given what the law allows, neither panics nor
// reads anything but what we do.
func FuzzDigest(f *testing.F) {
	f.Add(petest.Stub(pe.ARM64))
	f.Add(petest.Sign(petest.Stub(pe.AMD64), petest.Certificate("PKCS#7")))
	f.Add(petest.Sign(petest.Stub(pe.ARM64), append(petest.Certificate("one"), petest.Certificate("the other")...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Digest(b)
		if (got == [32]byte{}) == (err == nil) {
			t.Fatalf("got %x and error %v", got, err)
		}
		if err != nil && strings.HasPrefix(err.Error(), "cannot") {
			t.Fatalf("the two readings differ on a file that the law allows: %v", err)
		}
	})
}
