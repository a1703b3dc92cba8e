package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

func TestOutcomeOfABoot(t *testing.T) {
	const timeoutHint = " (hint: give it more time with --timeout, or look at all it says with --console -)"
	verdict := "bay0: verdict: 1 of 1 rooms ready, 1.60 s after the kernel's start"
	tests := []struct {
		name   string
		result vm.Result
		err    error
		want   string
	}{
		{"all rooms are ready", vm.Result{Lines: consoleOf(verdict), Ending: vm.Matched}, nil, ""},
		{"and Ctrl-C ends the machine", vm.Result{Lines: consoleOf(verdict)}, context.Canceled, ""},
		{"one is not", vm.Result{Lines: consoleOf("bay0: room web: failed: it was late", "bay0: verdict: 0 of 1 rooms ready, x"), Ending: vm.Matched}, nil,
			"cannot bring all rooms up: 0 of 1 (web failed: it was late)"},
		{"one is not, and Ctrl-C ends the machine", vm.Result{Lines: consoleOf("bay0: room web: failed: it was late", "bay0: verdict: 0 of 1 rooms ready, x")}, context.Canceled,
			"cannot bring all rooms up: 0 of 1 (web failed: it was late)"},
		{"Ctrl-C before the verdict", vm.Result{}, context.Canceled, "cannot wait for the verdict: interrupted"},
		{"Bay0 refuses", vm.Result{Lines: consoleOf("bay0: refused: cannot x; reset"), Ending: vm.Reset, After: time.Second}, nil,
			"cannot keep the machine up: it ended by reset after 1.0 s (hint: Bay0 said: refused: cannot x; reset)"},
		{"no verdict in time, and not a word", vm.Result{Ending: vm.Timeout, After: time.Minute}, nil, "cannot wait any longer: no verdict on the rooms after 60.0 s (web not ready)" + timeoutHint},
		{"no verdict in time", vm.Result{Lines: consoleOf("bay0: room web: it ended with status 1; restart 9 in 20s"), Ending: vm.Timeout, After: time.Minute}, nil,
			"cannot wait any longer: no verdict on the rooms after 60.0 s (web restarting: it ended with status 1)" + timeoutHint},
		{"a critical room fails", vm.Result{Lines: consoleOf("bay0: refused: critical room web failed: it was late; reset"), Ending: vm.Reset, After: time.Second}, nil,
			"cannot keep the machine up: it ended by reset after 1.0 s (hint: Bay0 said: refused: critical room web failed: it was late; reset)"},
		{"it ends after the verdict", vm.Result{Lines: consoleOf(verdict), Ending: vm.Watchdog, After: time.Minute}, nil, "cannot keep the machine up: it ended by watchdog reset after 60.0 s"},
		{"QEMU fails", vm.Result{}, errors.New("cannot start QEMU"), "cannot start QEMU"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, words(outcome([]string{"web"}, test.result, test.err))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// words is an error with its hint.
func words(err error) string {
	if err == nil {
		return ""
	}
	var usage *usageError
	if errors.As(err, &usage) {
		err = usage.error
	}
	var hint *hinted
	if errors.As(err, &hint) {
		return fmt.Sprintf("%v (hint: %s)", err, hint.hint)
	}
	return err.Error()
}
