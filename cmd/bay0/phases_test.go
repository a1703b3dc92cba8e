package main_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// step is what Bay0 tells other programs: a phase of the boot, or a room at its end.
type step struct {
	Phase, Room, State string
	MS                 *int
	Ready, Rooms       int
	Memory             int `json:"memory_kib"`
}

// checkPhases wants each phase of a boot once in the kernel's log, in order and with its
// duration, and at the end the rooms with their states.
func checkPhases(t *testing.T, result vm.Result) {
	t.Helper()
	var phases []string
	rooms := map[string]string{}
	for _, line := range result.Lines {
		source, text, logged := line.Message() // what is on the console alone is not
		if !logged || source != "bay0" || !strings.HasPrefix(text, "{") {
			continue
		}
		var s step
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if s.Phase != "" {
			phases = append(phases, s.Phase)
			if s.MS == nil || *s.MS < 0 {
				t.Errorf("no duration: %s", text)
			}
		} else if rooms[s.Room] = s.State; s.Memory == 0 {
			t.Errorf("no memory: %s", text)
		}
	}
	want := []string{"devices", "watchdog", "slot", "root", "policy", "invariants", "images", "launcher", "confine", "rooms"}
	if diff := cmp.Diff(want, phases); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
	ready := map[string]string{"reader": "ready", "vault-access": "ready", "web": "ready", "work": "ready"}
	if diff := cmp.Diff(ready, rooms); diff != "" {
		t.Errorf("rooms (-want +got):\n%s", diff)
	}
}
