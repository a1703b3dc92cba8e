package supervise

import (
	"bufio"
	"io"
	"os"
)

// lineLimit is where a room's line is broken, in bytes.
const lineLimit = 1024

// copyLines writes each line that a room prints to the console, behind the
// room's name, so that no room can speak as Bay0 or as another room. What a
// terminal could take for a command becomes a question mark.
func copyLines(console io.Writer, name string, from *os.File) {
	defer from.Close()
	lines := bufio.NewReaderSize(from, lineLimit)
	for {
		line, _, err := lines.ReadLine()
		if err != nil {
			return // the room's last process has closed its end
		}
		out := make([]byte, 0, len(name)+len(line)+3)
		out = append(append(out, name...), "| "...)
		for _, c := range line {
			if c < ' ' || c > '~' {
				c = '?'
			}
			out = append(out, c)
		}
		_, _ = console.Write(append(out, '\n')) // one write, one line
	}
}
