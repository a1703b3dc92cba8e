package main

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/pid1"
)

// startTPM starts a software TPM that keeps its state in a directory, and ends it with the test or before.
func startTPM(t *testing.T, state string) (tpm transport.TPM, stop func()) {
	t.Helper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "tpm"), os.NewFile(uintptr(ends[1]), "swtpm")
	var complaint bytes.Buffer
	swtpm := exec.Command("swtpm", "socket", "--tpm2", "--fd", "3", "--tpmstate", "dir="+state,
		"--flags", "not-need-init,startup-clear")
	swtpm.ExtraFiles, swtpm.Stderr = []*os.File{theirs}, &complaint
	if err := swtpm.Start(); err != nil {
		t.Fatalf("cannot start the software TPM: %v", err)
	}
	theirs.Close()
	connection, err := net.FileConn(ours)
	ours.Close()
	if err != nil {
		t.Fatal(err)
	}
	stop = func() {
		connection.Close()
		swtpm.Process.Kill()
		swtpm.Wait()
	}
	t.Cleanup(func() {
		stop()
		if t.Failed() && complaint.Len() > 0 {
			t.Log(complaint.String())
		}
	})
	return transport.FromReadWriteCloser(connection), stop
}

func open(t *testing.T, state string) (*vault, func()) {
	t.Helper()
	tpm, stop := startTPM(t, state)
	v, err := openVault(tpm)
	if err != nil {
		t.Fatal(err)
	}
	return v, stop
}

func derive(t *testing.T, v *vault, label string) []byte {
	t.Helper()
	secret, err := v.derive(label)
	if err != nil {
		t.Fatal(err)
	}
	if len(secret) != 32 {
		t.Errorf("a secret of %d bytes", len(secret))
	}
	return secret
}

func TestSecretIsTheMachinesOwn(t *testing.T) {
	state := t.TempDir()
	v, stop := open(t, state)
	first, other := derive(t, v, "a"), derive(t, v, "b")
	stop()
	v, stop = open(t, state)
	afterRestart := derive(t, v, "a")
	stop()
	v, _ = open(t, t.TempDir())
	elsewhere := derive(t, v, "a")

	if !bytes.Equal(first, afterRestart) {
		t.Error("after a restart the secret is another")
	}
	if bytes.Equal(first, other) {
		t.Error("two labels give one secret")
	}
	if bytes.Equal(first, elsewhere) {
		t.Error("two machines have one secret")
	}
}

func TestSealedIsUnsealedWithItsPassword(t *testing.T) {
	v, _ := open(t, t.TempDir())
	box, err := v.seal([]byte("contents"), []byte("right"))
	if err != nil {
		t.Fatal(err)
	}
	for range 4 { // more than the TPM has room for: each one is flushed
		opened, err := v.unseal(box, []byte("right"))
		if err != nil || string(opened) != "contents" {
			t.Errorf("unsealed %q, %v", opened, err)
		}
	}
	if _, err := v.unseal(box, []byte("wrong")); !errors.Is(err, tpm2.TPMRCBadAuth) {
		t.Errorf("with a wrong password: %v", err)
	}
	box.private.Buffer[len(box.private.Buffer)-1] ^= 1
	if _, err := v.unseal(box, []byte("right")); !errors.Is(err, tpm2.TPMRCIntegrity) {
		t.Errorf("after a change: %v", err)
	}
}

func TestProbesOfTheTPM(t *testing.T) {
	tpm, _ := startTPM(t, t.TempDir())
	p := probes{tpm: tpm}
	for _, use := range []func() error{p.open, p.derive, p.sealAndUnseal} {
		if err := use(); err != nil {
			t.Error(err)
		}
	}
	if err := p.unsealWrongly(); err != errWrongPassword {
		t.Errorf("unsealed with another password: %v", err)
	}
}

func TestEachConnectionIsAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- pid1.Serve(listener, answerWith("0123")) }()
	t.Cleanup(func() {
		listener.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("it ended by %v", err)
		}
	})
	for range 2 {
		connection, err := net.DialTimeout("unix", path, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(connection).ReadString('\n')
		connection.Close()
		if diff := cmp.Diff("0123\n", line); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
}
