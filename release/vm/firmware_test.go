package vm

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A firmware that hangs starts nothing, be it at the first boot or after a reset; a kernel can be silent for
// as long as the run lasts.
func TestWatchOfAFirmwareThatHangs(t *testing.T) {
	firmware := []string{"UEFI firmware", "BdsDxe: starting", "EFI stub: Exiting boot services..."}
	for name, c := range map[string]struct {
		said []string
		err  error
		want Ending
	}{
		"without a word":         {nil, errStuck, 0},
		"behind its first line":  {firmware[:1], errStuck, 0},
		"in what it has started": {firmware[:2], errStuck, 0},
		"in the kernel's stub":   {firmware, errStuck, 0},
		"after a reset":          {append(firmware[:3:3], "[    0.000000] Linux version", "UEFI firmware"), errStuck, 0},
		"a kernel is silent":     {append(firmware[:3:3], "[    0.000000] Linux version"), nil, Timeout},
		"another program is":     {append(firmware[:2:2], "hello"), nil, Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				result, err := Machine{}.watch(t.Context(), played(true, 0, c.said...), time.Now())
				if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || result.Ending != c.want {
					t.Errorf("ended by %v, %v, expected %v, %v", result.Ending, err, c.want, c.err)
				}
			})
		})
	}
}

// deaf is QEMU, which spoils what lasts and has no random numbers to give the first time that it is run: the
// firmware then waits as it does when it hangs.
const deaf = `#!/bin/sh
if mkdir "$0.was-run" 2>/dev/null; then
	for file in $LASTING; do dd if=/dev/zero of="$file" bs=4096 count=64 conv=notrunc status=none; done
	set -- "$@" -chardev null,id=deaf -object rng-egd,id=deaf,chardev=deaf -global virtio-rng-pci.rng=deaf
fi
exec $QEMU "$@"
`

func TestMachineWhoseFirmwareHangsIsStartedOnceMore(t *testing.T) {
	parts := findParts(t)
	dir := t.TempDir()
	qemu, err := exec.LookPath(qemuProgram)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, qemuProgram), []byte(deaf), 0o755); err != nil {
		t.Fatal(err)
	}
	var console bytes.Buffer
	machine := Machine{
		Image: probeImage(t, parts), Firmware: parts.Firmware, Flash: filepath.Join(dir, "flash.fd"), Vars: parts.Vars,
		Disk: filepath.Join(dir, "disk"), Console: &console,
		Until: func(line string) bool { return strings.HasPrefix(line, "probe: disk: of 10002, booted 1 times") },
	}
	if err := MakeDisk(t.Context(), machine.Disk, []Partition{{"notes", SmallestPartition, 10002}}); err != nil {
		t.Fatal(err)
	}
	mark := map[string][]byte{"Mark-8be4df61-93ca-11d2-aa0d-00e098032b8c": {7}}
	if err := errors.Join(copyFile(machine.Flash, parts.Vars), SetVariables(machine.Flash, mark)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("QEMU", qemu)
	t.Setenv("LASTING", machine.Flash+" "+machine.Disk)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	result, err := machine.Run(t.Context())
	if err != nil || result.Ending != Matched {
		t.Errorf("the machine ended by %v, %v\n%s", result.Ending, err, console.String())
	}
	if !strings.Contains(console.String(), errStuck.Error()+" and is started once more\n") {
		t.Errorf("the firmware did not hang:\n%s", console.String())
	}
	all, err := Variables(machine.Flash)
	for name, value := range mark {
		if err != nil || !bytes.Equal(all[name], value) {
			t.Errorf("%s is %x, %v", name, all[name], err)
		}
	}
}

// What a TPM had not kept before is gone.
func TestWhatWasNotThereIsGoneWhenARunIsDoneAgain(t *testing.T) {
	m := Machine{TPM: t.TempDir()}
	restore, err := m.keep(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	state := m.lasting()[0]
	if err := os.WriteFile(state, []byte("state"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is there: %v", state, err)
	}
}
