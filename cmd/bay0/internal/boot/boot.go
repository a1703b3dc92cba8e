// Package boot brings the machine from the kernel's first program to the point
// where rooms can start: the root that nobody can change, the file systems, the
// policy that the command line vouches for, and the images that the policy
// vouches for. Each step that fails ends the boot with an error of its own.
package boot

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
)

// Machine is a machine that is ready to start rooms.
type Machine struct {
	Policy     *blob.View
	Blob       *os.File // the policy's bytes, for the stage to read again
	Digest     [sha256.Size]byte
	SecureBoot bool // the firmware enforces signatures

	readOnly []string // what is mounted so
}

// Mount looks at what was unpacked, makes the root read-only and mounts what Bay0
// needs. /dev must be mounted.
func Mount() error {
	return sys.InOrder([]func() error{checkInitramfs, moveRoot, mountAll})
}

// Load reads the policy. Nothing of it is used before all of it was checked. A
// machine that comes with an error has a policy, which says what to do then.
func Load(vars *efivar.Dir) (*Machine, error) {
	m := &Machine{}
	if err := m.readPolicy(); err != nil {
		return nil, err
	}
	if err := m.checkKernel(); err != nil {
		return m, err
	}
	return m, m.checkSecureBoot(vars)
}

// readPolicy reads the blob, wants the command line to be the one that goes with
// these very bytes, and decodes them.
func (m *Machine) readPolicy() error {
	f, err := os.Open(abi.PassportsPath)
	if err != nil {
		return fmt.Errorf("cannot open the policy: %w", err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("cannot read the policy: %w", err)
	}
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return fmt.Errorf("cannot read the kernel command line: %w", err)
	}
	m.Blob, m.Digest = f, sha256.Sum256(b)
	m.Policy, err = openPolicy(b, m.Digest, line)
	return err
}

// openPolicy decodes b if line, as /proc/cmdline gives it, is what a machine
// with this policy is booted with. The digest is compared first and apart, so
// that the reason names the right fault: other bytes, or another command line.
func openPolicy(b []byte, digest [sha256.Size]byte, line []byte) (*blob.View, error) {
	if err := checkDigest(line, digest); err != nil {
		return nil, err
	}
	v, err := blob.Decode(b)
	if err != nil {
		return nil, err
	}
	want := append(blob.AppendCommandLine(nil, v.CommandLine(), digest), '\n')
	if err := checkCommandLine(string(line), string(want)); err != nil {
		return nil, err
	}
	return v, nil
}

// arches are the policies that this binary can enforce.
var arches = map[string]abi.Arch{"arm64": abi.AArch64, "amd64": abi.X8664}

// checkKernel refuses a kernel that could enforce the policy in part only.
func (m *Machine) checkKernel() error {
	if got, want := m.Policy.Arch(), arches[runtime.GOARCH]; got != want {
		return fmt.Errorf("cannot enforce a policy for %v on %v", got, want)
	}
	got, err := sys.LandlockABI()
	if err != nil {
		return err
	}
	if got < int(m.Policy.LandlockABI()) {
		return fmt.Errorf("cannot enforce the policy: the kernel has Landlock ABI %d, the policy needs %d", got, m.Policy.LandlockABI())
	}
	return nil
}
