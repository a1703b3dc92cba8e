// Package vm boots a UKI in QEMU's AArch64 virt machine, by UEFI from a FAT volume, as a slot would boot,
// and tells line by line what the machine said and how it ended. It is the ground on which the tests and
// `passportc uki boot` stand; nothing of it is part of a release.
//
// It runs qemu-system-aarch64; for the volume mtools' mformat, mmd and mcopy; for a TPM swtpm; for a data
// disk sfdisk and mke2fs. It needs no root.
package vm

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/anchor-os/anchor/policy/abi"
)

// Machine is what to boot, and how long to watch it.
type Machine struct {
	Image    string        // the EFI program, anchor.efi
	Firmware string        // UEFI's code: AAVMF_CODE.fd
	Vars     string        // UEFI's variables: AAVMF_VARS.fd; each run gets a copy of its own, if not Flash
	Memory   int           // MiB; 0 is 512
	Counted  bool          // the machine's clock counts instructions, 8 ns each, and leaps where there is nothing to do
	Timeout  time.Duration // how long it may run, up to what Until waits for; 0 is two minutes
	Console  io.Writer     // gets each line as it comes; may be nil

	// The EFI programs in the slots, in the place of Image; "": that slot is empty. It is the variables in
	// Flash that say which is started.
	Slots  [len(abi.Slots)]string
	Resets int // how often the guest can reset itself before that ends the run

	// What lasts from one run to the next. Only one machine at a time can have any of it.
	Flash string // UEFI's variables, a copy of Vars if it is not there yet
	Disk  string // a second disk, such as MakeDisk makes, with what rooms keep; "": none
	TPM   string // the directory with the state of a TPM 2.0, made if it is not there; "": no TPM

	// The one network card leads to a network that is the machine's alone: 10.0.2.0/24, in which it has
	// to be 10.0.2.15. Nothing gets in or out but by these.
	Forward []Forward        // ports of the host that lead to the machine's
	Echo    []netip.AddrPort // where in 10.0.2.0/24 the machine reaches a server that says what it hears

	// Press presses the power button at each line that satisfies it, up to the one that ends the run; it may
	// be nil.
	Press func(line string) bool

	// Until ends the run when a line satisfies it; nil waits for the machine to end by itself.
	Until func(line string) bool

	// Then, if it is not nil, is called once Until was satisfied, with what was seen so far. The machine
	// runs on until Then returns, beyond Timeout if need be, and the error of Then becomes Run's. Its
	// context ends with Run's, and when the machine ends by itself.
	Then func(ctx context.Context, seen Result) error
}

// Ending is how a run ended.
type Ending int

const (
	Matched  Ending = iota + 1 // Until was satisfied
	Reset                      // the guest reset itself, as it does when its kernel panics
	PowerOff                   // the guest switched itself off
	Watchdog                   // the watchdog reset it
	Timeout                    // it still ran when its time was up
)

func (e Ending) String() string {
	names := [...]string{Matched: "matched", Reset: "reset", PowerOff: "power-off", Watchdog: "watchdog reset", Timeout: "timeout"}
	if e <= 0 || int(e) >= len(names) {
		return "Ending(" + strconv.Itoa(int(e)) + ")"
	}
	return names[e]
}

// Line is one line of the console, without control sequences, and when it came, counted from QEMU's start.
type Line struct {
	After time.Duration
	Text  string
}

// Result is what a run left.
type Result struct {
	Lines  []Line
	Ending Ending
	After  time.Duration // when it ended, counted from QEMU's start
}

// Text is the whole console.
func (r Result) Text() string {
	var text strings.Builder
	for _, line := range r.Lines {
		text.WriteString(line.Text + "\n")
	}
	return text.String()
}

// First is the first line that holds text, and whether there is one.
func (r Result) First(text string) (Line, bool) {
	for _, line := range r.Lines {
		if strings.Contains(line.Text, text) {
			return line, true
		}
	}
	return Line{}, false
}

// ErrRefused says that the firmware would not start the image: Secure Boot did not accept its signature.
var ErrRefused = errors.New("the firmware refuses the image: Access Denied")
