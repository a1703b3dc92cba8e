package vm

import (
	"fmt"
	"strings"
	"time"
)

// Phases is where the time of a boot went, up to Bay0's verdict.
type Phases struct{ Firmware, Kernel, Rooms time.Duration }

// FindPhases finds the phases of a boot by the times of Bay0's first line and of its verdict, and by the
// kernel's time stamps in them. The firmware's share holds the start of QEMU and the EFI stub.
func FindPhases(lines []Line) (p Phases, ok bool) {
	var first time.Duration
	for _, line := range lines {
		source, _, _ := line.Message()
		if source != "bay0" {
			continue
		}
		if first == 0 {
			first = line.stamp()
		}
		if _, _, ok := line.Verdict(); ok {
			return Phases{line.After - line.stamp(), first, line.stamp() - first}, true
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
