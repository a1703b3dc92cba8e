package main_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/release/vm"
)

// A policy that requires Secure Boot does not run without it. (The firmware of
// this machine has it off.)
func TestSecureBootRequired(t *testing.T) {
	t.Parallel()
	result := oneRoom(t).edit(t, func(p *policy.Policy) { p.SecureBoot = true }).boot(t)
	const want = "refused: cannot run without Secure Boot: the policy requires it; reset"
	if got := first(result, "bay0", "refused"); got != want || result.Ending != vm.Reset {
		t.Errorf("got %q and %v\n%s", got, result.Ending, result.Text())
	}
}

// It runs with it: on firmware that starts nothing but what was signed, and starts this.
// The control is the same image without a signature.
func TestSecureBootIsMet(t *testing.T) {
	parts, err := vm.FindParts()
	if err != nil {
		t.Fatal(err)
	}
	m := witnessUnit(t, []string{"vital"}, func(p *policy.Policy) { p.SecureBoot = true }).machine(t)
	m.Firmware, m.Vars = parts.SecureFirmware, parts.KnownVars
	t.Run("signed", func(t *testing.T) {
		t.Parallel()
		m := m
		m.Image = sign(t, parts, m.Image)
		result, err := m.Run(t.Context())
		if err != nil {
			t.Fatalf("%v\n%s", err, result.Text())
		}
		if said := first(result, "bay0", "policy sha256:"); !strings.HasSuffix(said, ", secure boot true") {
			t.Errorf("Bay0 says %q\n%s", said, result.Text())
		}
		if first(result, "bay0", "verdict: 1 of 1 rooms ready, ") == "" {
			t.Errorf("the room is not ready\n%s", result.Text())
		}
	})
	t.Run("not signed", func(t *testing.T) {
		t.Parallel()
		if result, err := m.Run(t.Context()); !errors.Is(err, vm.ErrRefused) {
			t.Errorf("error %v, want %v\n%s", err, vm.ErrRefused, result.Text())
		}
	})
}

// sign signs an image with the key that everybody has.
func sign(t *testing.T, parts vm.Parts, image string) (signed string) {
	t.Helper()
	signed = filepath.Join(t.TempDir(), "signed.efi")
	command := exec.Command("osslsigncode", "sign", "-h", "sha256", "-certs", parts.KnownCert,
		"-key", parts.KnownKey, "-pass", vm.KnownPassphrase, "-in", image, "-out", signed)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("osslsigncode: %v\n%s", err, said)
	}
	return signed
}
