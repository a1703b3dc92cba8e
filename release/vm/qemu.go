package vm

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	qemuProgram = "qemu-system-aarch64"
	volumeFile  = "esp.img"
	varsFile    = "vars.fd"
)

// arguments is QEMU's command line for a run in dir.
//
// The boot menu is on with no time to show itself: that alone makes the firmware not wait. The processor
// has no entropy source of its own, so without virtio-rng the kernel would not be placed at random. The
// memory is there from the start, as in a machine: a kernel that clears all of it would else wait for the
// host to find it, page by page. The monitor is descriptor 3, the TPM descriptor 4. After the guest's end
// QEMU stays until it is told to quit, so that neither the event that says why nor the console's last words
// are lost.
func (m Machine) arguments(dir string) []string {
	drive := func(file, more string) []string {
		return []string{"-drive", "format=raw,file=" + strings.ReplaceAll(file, ",", ",,") + "," + more}
	}
	memory := strconv.Itoa(cmp.Or(m.Memory, 512))
	args := strings.Fields("-M virt,memory-backend=memory -cpu cortex-a72 -nographic -nodefaults -serial stdio" +
		" -boot menu=on,splash-time=0 -action " + onReset(m.Resets) + ",shutdown=pause" +
		" -chardev socket,id=monitor,fd=3 -mon chardev=monitor,mode=control" +
		" -device virtio-rng-pci -device i6300esb -m " + memory +
		" -object memory-backend-ram,id=memory,prealloc=on,size=" + memory + "M")
	if m.Counted {
		args = append(args, "-icount", "shift=3,sleep=off")
	}
	args = append(args, drive(m.Firmware, "if=pflash,unit=0,readonly=on")...)
	args = append(args, drive(m.flash(dir), "if=pflash,unit=1")...)
	args = append(args, drive(filepath.Join(dir, volumeFile), "if=none,id=esp")...)
	if m.hasSlots() {
		args = append(args, "-device", "virtio-blk-pci,drive=esp") // with an index the firmware would replace BootOrder
	} else {
		args = append(args, "-device", "virtio-blk-pci,drive=esp,bootindex=0")
	}
	if m.Disk != "" {
		args = append(args, drive(m.Disk, "if=none,id=data")...)
		args = append(args, "-device", "virtio-blk-pci,drive=data")
	}
	if m.TPM != "" {
		args = append(args, strings.Fields("-chardev socket,id=tpm,fd=4"+
			" -tpmdev emulator,id=tpm,chardev=tpm -device tpm-tis-device,tpmdev=tpm")...)
	}
	return append(args, m.networkArguments()...)
}

func (m Machine) hasSlots() bool { return m.Slots != [len(m.Slots)]string{} }

// flash is the file with the firmware's variables.
func (m Machine) flash(dir string) string { return cmp.Or(m.Flash, filepath.Join(dir, varsFile)) }

// onReset is what QEMU does when the guest resets itself, with so many resets left.
func onReset(left int) string {
	if left > 0 {
		return "reboot=reset"
	}
	return "reboot=shutdown"
}

// makeVolume makes a FAT32 volume with image where firmware looks for a system that it does not know.
func makeVolume(ctx context.Context, path, image string) error {
	info, err := os.Stat(image)
	if err != nil {
		return fmt.Errorf("cannot make the boot volume: %w", err)
	}
	size := max(info.Size()+info.Size()/8+1<<20, smallestFS)
	for _, command := range [][]string{
		{"mformat", "-C", "-F", "-T", strconv.FormatInt(size/sector, 10), "-i", path, "::"},
		{"mmd", "-i", path, "::/EFI", "::/EFI/BOOT"},
		{"mcopy", "-i", path, image, "::/EFI/BOOT/BOOTAA64.EFI"},
	} {
		if said, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("cannot make the boot volume: %s: %w: %s", command[0], err, strings.TrimSpace(string(said)))
		}
	}
	return nil
}

func copyFile(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("cannot copy the firmware's variables: %w", err)
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("cannot copy the firmware's variables: %w", err)
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return fmt.Errorf("cannot copy the firmware's variables: %w", err)
	}
	return target.Close()
}
