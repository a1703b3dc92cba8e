package check

import (
	"strings"
	"testing"
)

// A text of the wrong form is answered with what its author meant, if that is right.
func TestWhatWasMeant(t *testing.T) {
	for _, tt := range []struct{ key, give, want string }{
		{"resources.memory.max", "32MB", "32MiB"},
		{"resources.memory.max", "32 mib", "32MiB"},
		{"resources.memory.max", "2g", "2GiB"},
		{"resources.memory.max", "33554432", "32MiB"},
		{"resources.memory.max", "0032MiB", "32MiB"},
		{"resources.memory.max", "1000000001", ""}, // no whole number of KiB
		{"resources.memory.max", "64k", ""},        // below the range
		{"resources.memory.max", "9999999999999999999999MB", ""},
		{"resources.memory.max", "32MXB", ""},
		{"resources.memory.max", "-32MiB", ""},
		{"resources.memory.max", "", ""},
		{"health.start-timeout", "30sec", "30s"},
		{"health.start-timeout", "5m", "5min"},
		{"health.start-timeout", "5", ""}, // of what?
		{"health.watchdog", "1h", "60min"},
		{"health.watchdog", "2h", ""}, // above the range
		{"resources.cpu.quota", "150", "150%"},
		{"resources.cpu.quota", "50 %", "50%"},
		{"room.working-directory", "srv//www/../data/", "/srv/data"},
		{"room.working-directory", "/a\tb", ""},
		{"room.name", "My_Room", "my-room"},
		{"room.name", "1st", ""},
		{"room.description", "\t", ""},
		{"room.description", "two\nlines", ""},
	} {
		got := theLanguage().room.root.at(strings.Split(tt.key, ".")).didYouMean(tt.give)
		want := ""
		if tt.want != "" {
			want = `did you mean "` + tt.want + `"?`
		}
		if got != want {
			t.Errorf("%s = %q: got %s, want %s", tt.key, tt.give, got, want)
		}
	}
}
