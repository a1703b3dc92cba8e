package vm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// errStuck says that the firmware never came to start a kernel. Now and then, and the more often the busier
// the host, it waits for ever for a random number: a timer of its own asked for another one in between
// (github.com/tianocore/edk2/pull/11987). Nothing is to be seen of what should have been started.
var errStuck = errors.New("the firmware hangs before it starts a kernel")

// restarts is how often a machine is started once more whose firmware hangs.
const restarts = 2

// firmwarePatience is how long the firmware, or the stub that it starts, may be silent.
const firmwarePatience = 45 * time.Second

// fromFirmware recognises what is said before there is a kernel: by the firmware, by what picks an entry of
// its menu, and by the kernel's stub.
func fromFirmware(line string) bool {
	return slices.ContainsFunc([]string{"UEFI firmware", "BdsDxe:", "EFI stub:"}, func(who string) bool {
		return strings.HasPrefix(line, who)
	})
}

// refused recognises the firmware's word for an image that Secure Boot does not accept. It would wait for
// a key after it, for ever.
func refused(line string) bool {
	return strings.Contains(line, "failed to load") && strings.Contains(line, "Access Denied")
}

// again reports whether a run that ended with err can be done again as if it had not been: the firmware has
// hung, and nothing but the firmware has run yet, which writes to its variables, and to a TPM what each start
// does. Or else there is no disk and no TPM that could hold what a kernel has left there.
func (m Machine) again(result Result, err error) bool {
	return errors.Is(err, errStuck) && (m.Disk == "" && m.TPM == "" ||
		!slices.ContainsFunc(result.Lines, func(l Line) bool { return !fromFirmware(l.Text) }))
}

// keepFlash copies the variables to dir and returns what puts them back: the copy takes their place in one
// step, so that they are never half there.
func (m Machine) keepFlash(dir string) (restore func() error, err error) {
	if m.Flash == "" {
		return func() error { return copyFile(m.flash(dir), m.Vars) }, nil
	}
	info, err := os.Stat(m.Flash)
	if err != nil {
		return nil, err
	}
	kept := filepath.Join(dir, "kept.fd")
	return func() error {
		next := m.Flash + ".new"
		if err := errors.Join(copyFile(next, kept), os.Chmod(next, info.Mode())); err != nil {
			return errors.Join(err, os.RemoveAll(next))
		}
		return os.Rename(next, m.Flash)
	}, copyFile(kept, m.Flash)
}
