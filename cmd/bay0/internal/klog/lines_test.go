package klog

import (
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anchor-os/anchor/policy/abi"
)

// copied is what Copy writes to the log of what a room said.
func copied(t *testing.T, said string, limit abi.LogLimit) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	device, err := os.CreateTemp(t.TempDir(), "kmsg")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(w, said)
		w.Close()
	}()
	(&Log{device}).Stream("web", limit).Copy(r)
	text, err := os.ReadFile(device.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// No room can speak as Bay0 or as another room, or command the terminal.
func TestEveryLineOfARoomBearsItsName(t *testing.T) {
	for name, c := range map[string]struct{ said, want string }{
		"a line":           {"hello\n", "<5>web: hello\n"},
		"no newline":       {"hello", "<5>web: hello\n"},
		"as Bay0":          {"x\nbay0: verdict: 1 of 1\n", "<5>web: x\n<5>web: bay0: verdict: 1 of 1\n"},
		"another level":    {"<0>panic\n", "<5>web: <0>panic\n"},
		"carriage return":  {"x\rbay0: y\n", "<5>web: x?bay0: y\n"},
		"escape sequences": {"\x1b[2J\x9b2J\u009b\x00\x7f\n", "<5>web: ?[2J?2J????\n"},
		"a long line":      {strings.Repeat("a", 1500) + "\n", "<5>web: " + strings.Repeat("a", 900) + "\n<5>web: " + strings.Repeat("a", 600) + "\n"},
		"nothing":          {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := copied(t, c.said, abi.LogLimit{Burst: 10, PerSecond: 1}); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// A reason that is too long for one record is told in several: none is lost.
func TestLongReasonIsToldWhole(t *testing.T) {
	device, err := os.CreateTemp(t.TempDir(), "kmsg")
	if err != nil {
		t.Fatal(err)
	}
	(&Log{device}).Say("refused: %s", strings.Repeat("x", 5000))
	text, err := os.ReadFile(device.Name())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if len(line) > 1000 || !strings.HasPrefix(line, "<3>bay0: ") {
			t.Errorf("a record of %d bytes: %.40q", len(line), line)
		}
	}
	if n := strings.Count(string(text), "x"); n != 5000 {
		t.Errorf("%d of 5000 bytes were told", n)
	}
}

// In a bubble of synctest no time passes but what is slept, however slow the machine:
// each second of pauses lets exactly one line more through.
func TestFloodOfLinesIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device, err := os.CreateTemp(t.TempDir(), "kmsg")
		if err != nil {
			t.Fatal(err)
		}
		s := (&Log{device}).Stream("web", abi.LogLimit{Burst: 5, PerSecond: 1})
		s.Copy(io.NopCloser(strings.NewReader(strings.Repeat("spam\n", 1_000_000))))
		text, err := os.ReadFile(device.Name())
		if err != nil {
			t.Fatal(err)
		}
		seconds := 1_000_000 / (dropped*int(time.Second/dropPause) + 1)
		if n := strings.Count(string(text), "spam"); n != 5+seconds {
			t.Errorf("%d lines of 1,000,000 were written, want %d", n, 5+seconds)
		}
	})
}

func TestBucketRefillsAndCountsWhatItLost(t *testing.T) {
	now := time.Unix(0, 0)
	b := bucket{limit: abi.LogLimit{Burst: 2, PerSecond: 10}, tokens: 2, filled: now}
	for i, step := range []struct {
		after time.Duration
		lost  int
		ok    bool
	}{
		{0, 0, true}, {0, 0, true}, {0, 0, false}, {50 * time.Millisecond, 0, false},
		{50 * time.Millisecond, 2, true}, {0, 0, false},
		{time.Hour, 1, true}, {0, 0, true}, {0, 0, false}, // never more than Burst
	} {
		now = now.Add(step.after)
		if lost, ok := b.take(now); lost != step.lost || ok != step.ok {
			t.Errorf("step %d: %d, %v, want %d, %v", i, lost, ok, step.lost, step.ok)
		}
	}
}

// A room that prints more than it may waits for Bay0, and not Bay0 for it: what is
// dropped is read no faster than so many lines between two pauses.
func TestFloodIsSlowedDown(t *testing.T) {
	for name, c := range map[string]struct {
		line   string
		pauses int // the first line is written, and one a second, so the last is not reached
	}{
		"empty lines": {"\n", 1<<20/dropped - 1},
		"short lines": {strings.Repeat("x", 63) + "\n", 1<<20/64/dropped - 1},
		"a long line": {strings.Repeat("x", 1<<20), 1 << 20 / lineLimit / dropped},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				device, err := os.CreateTemp(t.TempDir(), "kmsg")
				if err != nil {
					t.Fatal(err)
				}
				s := (&Log{device}).Stream("web", abi.LogLimit{Burst: 1, PerSecond: 1})
				began := time.Now()
				s.Copy(io.NopCloser(strings.NewReader(strings.Repeat(c.line, 1<<20/len(c.line)))))
				if got, want := time.Since(began), time.Duration(c.pauses)*dropPause; got != want {
					t.Errorf("1 MiB took %v, want %v", got, want)
				}
			})
		})
	}
}

// A room that is started again goes on with what is left of its limit.
func TestRestartDoesNotRefillTheBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device, err := os.CreateTemp(t.TempDir(), "kmsg")
		if err != nil {
			t.Fatal(err)
		}
		s := (&Log{device}).Stream("web", abi.LogLimit{Burst: 3, PerSecond: 1})
		for range 3 {
			s.Copy(io.NopCloser(strings.NewReader("hello\nhello\n")))
		}
		text, err := os.ReadFile(device.Name())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(text), strings.Repeat("<5>web: hello\n", 3); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}
