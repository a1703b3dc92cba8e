package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/release/vm"
)

// hangs is how Feed begins in a Bay0 that gives five signs of life, one when it sets
// the timeout and four from its loop. That then waits for nothing, for ever, and the
// rest of the machine goes on.
const hangs = `{
	if fed++; fed > 5 {
		println("bay0: hangs")
		select {}
	}
`

// The hardware resets a machine whose Bay0 hangs. Until it does it feeds the watchdog,
// four times in a timeout and so for longer than one, and nothing happens: that is
// the control.
func TestWatchdogResetsAMachineWhoseBay0Hangs(t *testing.T) {
	t.Parallel()
	u := witnessUnit(t, []string{"vital"}, func(p *policy.Policy) { p.Watchdog = 8 })
	u.bay0 = hangingBay0(t)
	m := u.machine(t)
	m.Until = nil
	result, err := m.Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	if result.Ending != vm.Watchdog {
		t.Errorf("the machine ended by %v, want a watchdog reset\n%s", result.Ending, result.Text())
	}
	if got := life(result, "vital"); len(got) != 1 || got[0] != "ready" {
		t.Errorf("vital: %q\n%s", got, result.Text())
	}
	if first(result, "bay0", "hangs") == "" || first(result, "bay0", "refused") != "" {
		t.Errorf("Bay0 has not hung\n%s", result.Text())
	}
}

// hangingBay0 is Bay0 with another Feed, laid over its source for one build.
func hangingBay0(t *testing.T) []byte {
	t.Helper()
	const path, feed = "internal/watchdog/watchdog.go", "func (t *Timer) Feed() error {\n"
	source := string(read(t, path))
	if strings.Count(source, feed) != 1 {
		t.Fatalf("%s has no %q", path, feed)
	}
	original, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "watchdog.go")
	source = strings.Replace(source, feed, strings.TrimSuffix(feed, "{\n")+hangs, 1) + "\nvar fed int\n"
	if err := os.WriteFile(other, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{original: other}})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := buildBay0("-overlay", overlay)
	if err != nil {
		t.Fatal(err)
	}
	return program
}
