package signing

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
)

// TestOsslsigncodeHasTheSameDigest has a third reading, by the tool that signs:
// the digest it signed, the digest it computes again, and ours of both files.
func TestOsslsigncodeHasTheSameDigest(t *testing.T) {
	dir := t.TempDir()
	key, cert := throwAwayKey(t, dir)
	for _, machine := range []uint16{pe.ARM64, pe.AMD64} {
		unsigned, signed := filepath.Join(dir, "unsigned.efi"), filepath.Join(dir, fmt.Sprintf("signed-%x.efi", machine))
		b := petest.Stub(machine)
		write(t, unsigned, b)
		osslsigncode(t, "sign", "-h", "sha256", "-certs", cert, "-key", key, "-in", unsigned, "-out", signed)
		out := osslsigncode(t, "verify", "-CAfile", cert, "-in", signed)

		want := fmt.Sprintf("%X", digest(t, b))
		found := regexp.MustCompile(`(?:Current|Calculated) message digest +: (\w+)`).FindAllStringSubmatch(out, -1)
		if len(found) != 2 || found[0][1] != want || found[1][1] != want {
			t.Errorf("machine %#x: want %s twice:\n%s", machine, want, out)
		}
		again, err := os.ReadFile(signed)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%X", digest(t, again)); got != want {
			t.Errorf("machine %#x: signed it is %s, want %s", machine, got, want)
		}
	}
}

func osslsigncode(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("osslsigncode", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("osslsigncode %s: %v\n%s\nhint: Debian's package osslsigncode has it", args[0], err, out)
	}
	return string(out)
}

// throwAwayKey makes a key and a certificate for it, as files.
func throwAwayKey(t *testing.T, dir string) (key, cert string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "a test"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyBytes, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, cert = filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem")
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyBytes}))
	write(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
	return key, cert
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
