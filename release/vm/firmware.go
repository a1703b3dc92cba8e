package vm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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

// lasting are the files that a run changes and does not own: variables, disk, and the TPM's state (swtpm(8)).
func (m Machine) lasting() (files []string) {
	for _, file := range []string{m.Flash, m.Disk} {
		if file != "" {
			files = append(files, file)
		}
	}
	if m.TPM != "" {
		files = append(files, filepath.Join(m.TPM, "tpm2-00.permall"))
	}
	return files
}

// keep copies what lasts to dir, and returns what puts it back, so that a run that is done again starts from
// what there was before the first.
func (m Machine) keep(ctx context.Context, dir string) (restore func() error, err error) {
	files := m.lasting()
	copyOf := func(i int) string { return filepath.Join(dir, "kept"+strconv.Itoa(i)) }
	for i, file := range files {
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := copySparse(ctx, copyOf(i), file); err != nil {
			return nil, err
		}
	}
	return func() error {
		for i, file := range files {
			if err := putBack(ctx, file, copyOf(i)); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// putBack makes a file what its copy is. One without a copy was not there.
func putBack(ctx context.Context, file, kept string) error {
	if _, err := os.Stat(kept); errors.Is(err, os.ErrNotExist) {
		return os.RemoveAll(file)
	}
	return copySparse(ctx, file, kept)
}

// copySparse copies a file with its holes, of which a disk is full.
func copySparse(ctx context.Context, to, from string) error {
	if said, err := exec.CommandContext(ctx, "cp", "--sparse=always", "-T", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("cannot copy what the machine keeps: %w: %s", err, strings.TrimSpace(string(said)))
	}
	return nil
}
