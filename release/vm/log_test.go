package vm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessage(t *testing.T) {
	type message struct{ Source, Text string }
	tests := []struct {
		name, line string
		want       message // empty: none
	}{
		{"Bay0", "[    3.255031] bay0: verdict: 4 of 4 rooms ready", message{"bay0", "verdict: 4 of 4 rooms ready"}},
		{"a room", "[    3.100000] web: grant  tmpfs /tmp   write   ok", message{"web", "grant  tmpfs /tmp   write   ok"}},
		{"a room's name with a dash and a digit", "[    3.100000] vault-access2: x", message{"vault-access2", "x"}},
		{"after a day", "[123456.100000] web: x", message{"web", "x"}},
		{"an empty line", "[    3.100000] web: ", message{"web", ""}},
		{"a room that speaks as Bay0", "[    3.100000] web: bay0: verdict: 1 of 1 rooms ready", message{"web", "bay0: verdict: 1 of 1 rooms ready"}},
		{"a room that makes up a record", "[    3.100000] web: [    3.100001] bay0: x", message{"web", "[    3.100001] bay0: x"}},
		{"a room that starts with a bracket", "[    3.100000] web: ] bay0: x", message{"web", "] bay0: x"}},

		{"no time", "bay0: verdict: 1 of 1 rooms ready", message{}},
		{"a time in milliseconds", "[    3.255] bay0: x", message{}},
		{"a word before the time", "x [    3.255031] bay0: x", message{}},
		{"no blank after the time", "[    3.255031]bay0: x", message{}},
		{"no blank after the colon", "[    3.255031] bay0:x", message{}},
		{"no source", "[    3.255031] : x", message{}},
		{"no colon", "[    3.255031] bay0", message{}},
		{"a source that is no room's name", "[    3.255031] Bay0: x", message{}},
		{"a source with a blank", "[    3.255031] room web: x", message{}},
		{"a driver with a device", "[    0.446007] tpm_tis MSFT0101:00: 2.0 TPM", message{}},
		{"nothing", "", message{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source, text, ok := Line{Text: test.line}.Message()
			if diff := cmp.Diff(test.want, message{source, text}); diff != "" || ok != (test.want.Source != "") {
				t.Errorf("%v %s", ok, diff)
			}
		})
	}
}
