package vm

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"
)

// socketPair is a connected pair of sockets: a program that we start inherits one end, so that there is no
// path to meet at.
func socketPair(name string) (ours, theirs *os.File, err error) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make the socket of the %s: %w", name, err)
	}
	return os.NewFile(uintptr(ends[0]), name), os.NewFile(uintptr(ends[1]), name), nil
}

// message is what of QEMU's monitor protocol (docs/interop/qmp-spec) says how a run ends.
type message struct {
	Event string
	Data  struct {
		Reason string
	}
}

// watchMonitor sends how the guest ended, and then lets QEMU quit: until then it stays, and so do the
// console's last lines. The last reset that is no end has QEMU stop at the next. It returns when the monitor
// is closed.
func watchMonitor(monitor io.ReadWriter, resets int, endings chan<- Ending) {
	io.WriteString(monitor, `{"execute":"qmp_capabilities"}`)
	decoder := json.NewDecoder(monitor)
	watchdog := false
	for {
		var got message
		if err := decoder.Decode(&got); err != nil {
			return
		}
		switch got.Event {
		case "WATCHDOG":
			watchdog = true
		case "RESET":
			watchdog = false
			if resets--; resets == 0 {
				io.WriteString(monitor, `{"execute":"set-action","arguments":{"reboot":"shutdown"}}`)
			}
		case "SHUTDOWN":
			if ending, known := ending(got.Data.Reason, watchdog); known {
				endings <- ending
			}
			io.WriteString(monitor, `{"execute":"quit"}`)
			return
		}
	}
}

// press presses the machine's power button. QEMU that cannot be told has ended, and that is seen.
func press(monitor io.Writer) { io.WriteString(monitor, `{"execute":"system_powerdown"}`) }

// ending reads the reason of a SHUTDOWN event (QEMU's qapi/run-state.json, ShutdownCause). What is none of
// the guest's doing is no ending that is known.
func ending(reason string, watchdog bool) (Ending, bool) {
	switch reason {
	case "guest-reset":
		if watchdog {
			return Watchdog, true
		}
		return Reset, true
	case "guest-panic":
		return Reset, true
	case "guest-shutdown":
		return PowerOff, true
	}
	return 0, false
}
