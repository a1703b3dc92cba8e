// Package watchdog keeps the hardware from resetting a machine that is alive
// (kernel: Documentation/watchdog/watchdog-api.rst). It is armed as early as its
// device is there and can never be disarmed again: the kernel is built with
// WATCHDOG_NOWAYOUT.
package watchdog

import (
	"fmt"
	"os"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// Timer is the armed watchdog.
type Timer struct {
	device  *os.File
	timeout time.Duration // until the hardware resets the machine
}

// Arm opens the device, which starts it with its own timeout.
func Arm() (*Timer, error) {
	f, err := os.OpenFile("/dev/watchdog", os.O_WRONLY, 0)
	return &Timer{device: f, timeout: 4 * time.Second}, sys.Cannot(err, "arm the watchdog")
}

// SetTimeout sets after how many seconds without a sign of life the machine is
// reset. A device that takes another number is refused.
func (t *Timer) SetTimeout(seconds uint32) error {
	fd := int(t.device.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.WDIOC_SETTIMEOUT, int(seconds)); err != nil {
		return fmt.Errorf("cannot set the watchdog's timeout: %w", err)
	}
	got, err := unix.IoctlGetInt(fd, unix.WDIOC_GETTIMEOUT)
	if err != nil {
		return fmt.Errorf("cannot read the watchdog's timeout: %w", err)
	}
	if got != int(seconds) {
		return fmt.Errorf("cannot set the watchdog's timeout to %d s: it has %d", seconds, got)
	}
	t.timeout = time.Duration(seconds) * time.Second
	return t.Feed()
}

// Period is how often to feed: four times in a timeout, or once a second.
func (t *Timer) Period() time.Duration { return min(t.timeout/4, time.Second) }

// Patience is half the time that the hardware waits.
func (t *Timer) Patience() time.Duration { return t.timeout / 2 }

// Feed gives a sign of life.
func (t *Timer) Feed() error {
	return sys.Cannot(unix.IoctlWatchdogKeepalive(int(t.device.Fd())), "feed the watchdog")
}
