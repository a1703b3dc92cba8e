package vm

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Phases is where the time of a boot went, up to Bay0's verdict.
type Phases struct{ Firmware, Kernel, Rooms time.Duration }

// leaves is in the last line of the kernel's EFI stub: from here on the processor runs the kernel (kernel:
// drivers/firmware/efi/libstub/fdt.c). The kernel's own clock starts later, when it has cleared its memory.
const leaves = "EFI stub: Exiting boot services..."

// FindPhases finds the phases of a boot by when these lines came: the EFI stub's last, which ends the
// firmware's share, as the start of QEMU is part of it; Bay0's first, which ends the kernel's; and Bay0's
// verdict. A quiet kernel's stub says nothing: then the kernel's share begins with its clock.
func FindPhases(lines []Line) (p Phases, ok bool) {
	var start, first time.Duration
	for _, line := range lines {
		source, _, _ := line.Message()
		switch {
		case line.Text == leaves:
			start = line.After
		case source != "bay0":
			continue
		case first == 0:
			first = line.After
			start = cmp.Or(start, line.After-line.stamp())
		}
		if _, _, ok := line.Verdict(); ok {
			return Phases{start, first - start, line.After - first}, true
		}
	}
	return Phases{}, false
}

// stamp is the time in a record, counted from the kernel's start.
func (l Line) stamp() time.Duration {
	seconds, _, _ := strings.Cut(strings.TrimLeft(l.Text, "[ "), "]")
	d, err := time.ParseDuration(seconds + "s")
	if err != nil {
		return 0
	}
	return d
}

func (p Phases) String() string {
	return fmt.Sprintf("firmware %.1f s, kernel %.1f s, rooms %.1f s", p.Firmware.Seconds(), p.Kernel.Seconds(), p.Rooms.Seconds())
}
