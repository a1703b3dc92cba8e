// Package klog writes to the kernel's log, which the console shows and which
// outlives a crash of the one who wrote: what Bay0 has to say, and what the rooms
// print, each line behind the name of who said it.
package klog

import (
	"fmt"
	"os"
	"slices"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/abi"
)

// Log levels (kernel: include/linux/kern_levels.h). The console shows what a room prints
// from loglevel=6 on, and what Bay0 says from loglevel=4 on, with quiet too: the reason
// for a machine's end is to be seen.
const room, own = "<5>", "<3>"

// Log is the kernel's log, open for writing.
type Log struct{ device *os.File }

// Open opens the log. /dev must be mounted, and printk.devkmsg=on be on the
// command line: else the kernel drops most of what is written here (kernel:
// Documentation/admin-guide/kernel-parameters.txt).
func Open() (*Log, error) {
	f, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
	return &Log{f}, sys.Cannot(err, "open the kernel's log")
}

// Say writes one line as Bay0, broken where a record would be too long.
func (l *Log) Say(format string, args ...any) {
	for part := range slices.Chunk(fmt.Appendf(nil, format, args...), lineLimit) {
		l.line(own, abi.Bay0Name, part)
	}
}

// line writes one record. What a terminal could take for a command becomes a
// question mark. A log that cannot be written leaves nobody to tell.
func (l *Log) line(level, name string, text []byte) {
	record := fmt.Appendf(nil, "%s%s: %s", level, name, text)
	for i, c := range record {
		if c < ' ' || c > '~' {
			record[i] = '?'
		}
	}
	_, _ = l.device.Write(append(record, '\n')) // one write, one record
}
