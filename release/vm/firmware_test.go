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

// deaf is QEMU, which spoils the variables and has no random numbers to give the first time that it is run:
// the firmware then waits as it does when it hangs.
const deaf = `#!/bin/sh
if mkdir "$0.was-run" 2>/dev/null; then
	dd if=/dev/zero of="$FLASH" bs=4096 count=64 conv=notrunc status=none
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
	t.Setenv("FLASH", machine.Flash)
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

// A run is done again as if it had not been, or not at all.
func TestRunIsDoneAgainOnlyIfItLeavesNothing(t *testing.T) {
	firmware := Result{Lines: []Line{{Text: "UEFI firmware"}, {Text: "BdsDxe: starting"}}}
	kernel := Result{Lines: []Line{{Text: "UEFI firmware"}, {Text: "[    0.000000] Linux version"}, {Text: "UEFI firmware"}}}
	for name, c := range map[string]struct {
		machine Machine
		result  Result
		err     error
		want    bool
	}{
		"the firmware hangs":                 {Machine{}, firmware, errStuck, true},
		"before a disk was used":             {Machine{Disk: "disk"}, firmware, errStuck, true},
		"after a reset":                      {Machine{Flash: "flash"}, kernel, errStuck, true},
		"after a reset, and there is a disk": {Machine{Disk: "disk"}, kernel, errStuck, false},
		"after a reset, and there is a TPM":  {Machine{TPM: "tpm"}, kernel, errStuck, false},
		"something else went wrong":          {Machine{}, firmware, ErrRefused, false},
		"nothing went wrong":                 {Machine{}, kernel, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.machine.again(c.result, c.err); got != c.want {
				t.Errorf("it is done again: %v, expected %v", got, c.want)
			}
		})
	}
}
