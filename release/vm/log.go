package vm

import (
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// record is a line of the kernel's log on the console: its time since the kernel's start, in seconds with
// six places (kernel: kernel/printk/printk.c, print_time), then whoever wrote it, a colon, and the text.
var record = lazyregexp.New(`^\[ *[0-9]+\.[0-9]{6}\] ([^ :]+): (.*)$`)

// Message reads a line that Bay0 or a room has written to the kernel's log. The source is "bay0" or the
// room's name. Bay0 alone writes the source, and a line's text has no control characters, so whatever a
// room prints, be it a source or a time, is text behind its own name.
//
// Some of the kernel's drivers sign their lines in the same way ("softdog: initialized"): a caller asks
// for the sources that it knows.
func (l Line) Message() (source, text string, ok bool) {
	m := record.FindStringSubmatch(l.Text)
	if m == nil || m[1] != abi.Bay0Name && !policy.ValidRoomName(m[1]) {
		return "", "", false
	}
	return m[1], m[2], true
}
