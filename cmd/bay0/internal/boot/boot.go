// Package boot brings the machine from the kernel's first program to the point
// where rooms can start: the root that nobody can change, the file systems, the
// policy that the command line vouches for, and the images that the policy
// vouches for. Each step that fails ends the boot with an error of its own.
package boot

import (
	"crypto/sha256"
	"errors"
	"fmt"
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
	Digest     [sha256.Size]byte
	SecureBoot bool // the firmware enforces signatures

	readOnly []string // what is mounted so
}

// Mount looks at what was unpacked, makes the root read-only and mounts what Bay0
// needs. /dev must be mounted.
func Mount() error {
	return sys.InOrder([]func() error{checkInitramfs, moveRoot, mountAll})
}

// Load reads the policy, and wants the command line to be the one that goes with these
// very bytes. Nothing of it is used before all of it was checked.
func Load(vars *efivar.Dir) (*Machine, error) {
	b, err := os.ReadFile(abi.PassportsPath)
	if err != nil {
		return nil, sys.Cannot(err, "read the policy")
	}
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return nil, sys.Cannot(err, "read the kernel command line")
	}
	m := &Machine{Digest: sha256.Sum256(b), SecureBoot: isSecure(vars.Read("SecureBoot" + efivar.Global))}
	m.Policy, err = openPolicy(b, m.Digest, line)
	return m, err
}

// Check refuses a machine that could enforce the policy in part only.
func (m *Machine) Check() error {
	return sys.InOrder([]func() error{m.checkKernel, m.checkSecureBoot})
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
	if err := checkCommandLine(string(line), string(append(blob.AppendCommandLine(nil, v.CommandLine(), digest), '\n'))); err != nil {
		return nil, err
	}
	return v, nil
}

// arches are the policies that this binary can enforce.
var arches = map[string]abi.Arch{"arm64": abi.AArch64, "amd64": abi.X8664}

// checkKernel wants the policy's own architecture, and Landlock as it needs it.
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

// checkSecureBoot refuses a machine without Secure Boot where the policy wants it.
func (m *Machine) checkSecureBoot() error {
	if m.Policy.SecureBoot() && !m.SecureBoot {
		return errors.New("cannot run without Secure Boot: the policy requires it")
	}
	return nil
}

// isSecure tells the state of Secure Boot by its variable (UEFI specification, 3.3).
// What cannot be read counts as off.
func isSecure(value []byte, err error) bool {
	return err == nil && len(value) == 1 && value[0] == 1
}
