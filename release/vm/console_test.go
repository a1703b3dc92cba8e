package vm

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadConsole(t *testing.T) {
	tests := []struct {
		name, console string
		want          []string
	}{
		{"lines", "one\r\ntwo\n", []string{"one", "two"}},
		{"an empty line is one", "one\n\ntwo\n", []string{"one", "", "two"}},
		{"the last line has no newline", "one\npanic", []string{"one", "panic"}},
		{"nothing", "", nil},
		{"clear, cursor, colour", "\x1b[2J\x1b[01;01H\x1b[=3h\x1b[0m\x1b[35m\x1b[40mBdsDxe\x1b[0m: loading\r\n", []string{"BdsDxe: loading"}},
		{"sequence of two bytes", "\x1bcUEFI\n", []string{"UEFI"}},
		{"bell and backspace", "a\x07\x08b\tc\n", []string{"ab\tc"}},
		{"a sequence that breaks off", "a\x1b", []string{"a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines := make(chan Line)
			go readConsole(t.Context(), strings.NewReader(test.console), time.Now(), lines)
			var got []string
			for line := range lines {
				got = append(got, line.Text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWatchMonitor(t *testing.T) {
	const greeting = `{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": []}}{"return": {}}`
	const quit = `{"execute":"quit"}`
	const reset = `{"event": "RESET", "data": {"guest": true, "reason": "guest-reset"}}`
	const shutdown = `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}`
	const stopNext = `{"execute":"set-action","arguments":{"reboot":"shutdown"}}`
	tests := []struct {
		name, says string
		resets     int
		want       Ending
		answer     string
	}{
		{"reset", `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}`, 0, Reset, quit},
		{"panic", `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-panic"}}`, 0, Reset, quit},
		{"power-off", `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}`, 0, PowerOff, quit},
		{"watchdog", `{"event": "WATCHDOG", "data": {"action": "reset"}}{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}`, 0, Watchdog, quit},
		{"after events that do not matter", `{"event": "RESUME"}{"event": "SHUTDOWN", "data": {"reason": "guest-shutdown"}}`, 0, PowerOff, quit},
		{"reset after two that are no end", reset + reset + shutdown, 2, Reset, stopNext + quit},
		{"reset after one of the watchdog", `{"event": "WATCHDOG", "data": {"action": "reset"}}` + reset + shutdown, 1, Reset, stopNext + quit},
		{"power-off before all resets", reset + `{"event": "SHUTDOWN", "data": {"reason": "guest-shutdown"}}`, 2, PowerOff, quit},
		{"somebody killed QEMU", `{"event": "SHUTDOWN", "data": {"guest": false, "reason": "host-signal"}}`, 0, 0, quit},
		{"no event", "", 0, 0, ""},
		{"not JSON", "}", 0, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ours, qemus := net.Pipe()
			endings := make(chan Ending, 1)
			done := make(chan struct{})
			go func() {
				defer close(done)
				watchMonitor(ours, test.resets, endings)
				ours.Close()
			}()
			heard := make(chan string)
			go func() {
				var all strings.Builder
				buffer := make([]byte, 256)
				for {
					n, err := qemus.Read(buffer)
					if all.Write(buffer[:n]); err != nil {
						heard <- all.String()
						return
					}
				}
			}()
			qemus.Write([]byte(greeting + test.says))
			if test.answer == "" {
				qemus.Close()
			}
			<-done
			if diff := cmp.Diff(`{"execute":"qmp_capabilities"}`+test.answer, <-heard); diff != "" {
				t.Errorf("QEMU heard:\n%s", diff)
			}
			var got Ending
			select {
			case got = <-endings:
			default:
			}
			if got != test.want {
				t.Errorf("ending %s, expected %s", got, test.want)
			}
		})
	}
}
