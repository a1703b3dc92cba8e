package vm

import (
	"bufio"
	"context"
	"io"
	"strings"
	"time"

	"github.com/anchor-os/anchor/release/lazyregexp"
)

// The firmware moves the cursor and sets colours: ECMA-48 control sequences, and a few of two bytes.
var sequences = lazyregexp.New("\x1b(\\[[0-?]*[ -/]*[@-~]|[^\\[])")

// readConsole sends each line of the console, the last one also without its newline, and closes lines at
// the console's end.
func readConsole(ctx context.Context, console io.Reader, start time.Time, lines chan<- Line) {
	defer close(lines)
	reader := bufio.NewReader(console)
	for {
		text, err := reader.ReadString('\n')
		if text = clean(text); text != "" || err == nil {
			select {
			case lines <- Line{After: time.Since(start), Text: text}:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// clean takes the control sequences, the line's end and any other control character but the tab away.
func clean(text string) string {
	text = sequences.ReplaceAllString(text, "")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
