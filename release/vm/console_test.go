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
	tests := []struct {
		name, says string
		want       Ending
		answer     string
	}{
		{"reset", `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}`, Reset, quit},
		{"panic", `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-panic"}}`, Reset, quit},
		{"power-off", `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}`, PowerOff, quit},
		{"watchdog", `{"event": "WATCHDOG", "data": {"action": "reset"}}{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}`, Watchdog, quit},
		{"after events that do not matter", `{"event": "RESUME"}{"event": "SHUTDOWN", "data": {"reason": "guest-shutdown"}}`, PowerOff, quit},
		{"somebody killed QEMU", `{"event": "SHUTDOWN", "data": {"guest": false, "reason": "host-signal"}}`, 0, quit},
		{"no event", "", 0, ""},
		{"not JSON", "}", 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ours, qemus := net.Pipe()
			endings := make(chan Ending, 1)
			done := make(chan struct{})
			go func() {
				defer close(done)
				watchMonitor(ours, endings)
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
