package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/anchor-os/anchor/release/lazyregexp"
	"github.com/anchor-os/anchor/release/vm"
)

// openConsole gives what takes the machine's console, a line with each Write: the progress on stdout, with
// all of the console in a file if one is named; or all on stdout, for "-".
func openConsole(stdout io.Writer, name string, rooms []string) (console io.Writer, finish func() error, err error) {
	nothing := func() error { return nil }
	if name == "-" {
		return stdout, nothing, nil
	}
	start := time.Now()
	since := func() time.Duration { return time.Since(start) }
	if name == "" {
		return newProgress(stdout, rooms, since), nothing, nil
	}
	if err := wantReplaceable(name); err != nil {
		return nil, nil, fmt.Errorf("cannot write %s: %w", name, err)
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot write %s: %w", name, unwrapPath(err))
	}
	return io.MultiWriter(newProgress(stdout, rooms, since), file), file.Close, nil
}

// progress shows how far a machine has come: the phases of its boot, what Bay0 says, and what the rooms
// say besides their reports of grants and neighbours, each with the seconds since the start.
type progress struct {
	w      io.Writer
	since  func() time.Duration
	kernel bool            // it has started
	heard  map[string]bool // of each room: it has said something
}

func newProgress(w io.Writer, rooms []string, since func() time.Duration) *progress {
	p := &progress{w: w, since: since, heard: map[string]bool{}}
	for _, room := range rooms {
		p.heard[room] = false
	}
	p.say("firmware")
	return p
}

func (p *progress) say(text string) error {
	_, err := fmt.Fprintf(p.w, "%6.1f s  %s\n", p.since().Seconds(), text)
	return err
}

func (p *progress) Write(line []byte) (int, error) {
	if text := p.see(strings.TrimSuffix(string(line), "\n")); text != "" {
		if err := p.say(text); err != nil {
			return 0, err
		}
	}
	return len(line), nil
}

var (
	kernelLine = lazyregexp.New(`^\[ *0\.0{6}\] Linux version (\S+) `) // kernel: init/main.c, linux_banner
	tableOnly  = lazyregexp.New(`^verdict: |^\{`)
	rightProbe = lazyregexp.New(`^(grant  .* ok|deny   .* as expected)$`)
)

// see is what to show of a line of the console, or "".
func (p *progress) see(line string) string {
	if m := kernelLine.FindStringSubmatch(line); m != nil && !p.kernel {
		p.kernel = true
		return "kernel " + m[1]
	}
	source, text, _ := vm.Line{Text: line}.Message()
	said, isRoom := p.heard[source]
	switch {
	case source == "bay0" && !tableOnly.MatchString(text):
		return "bay0: " + text
	case !isRoom:
		return ""
	}
	p.heard[source] = true
	switch {
	case !rightProbe.MatchString(text):
		return source + ": " + text
	case !said:
		return source + ": uses each of its grants, and tries their neighbours"
	}
	return ""
}
