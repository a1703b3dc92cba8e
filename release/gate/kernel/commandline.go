package kernel

import (
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
)

// MaxCommandLine is what the kernel takes on arm64, without the NUL (kernel:
// arch/arm64/include/uapi/asm/setup.h, COMMAND_LINE_SIZE).
const MaxCommandLine = 2047

// CommandLine is what a kernel is given at its start.
type CommandLine struct {
	Source *diag.Source
	words  []word
}

// word is one parameter.
type word struct {
	name  string // as parameterName writes it
	value string
	given bool // there is a =
	place diag.Range
}

// ReadCommandLine reads a command line as the kernel does (lib/cmdline.c,
// next_arg; kernel/params.c, parse_args): up to a word "--", behind which all is
// for PID 1. The text may end in a line feed, as /proc/cmdline does.
func ReadCommandLine(name string, text []byte) (*CommandLine, diag.List) {
	var faults diag.List
	c := &CommandLine{Source: diag.NewSource(name, text)}
	line := strings.TrimSuffix(string(text), "\n")
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '~' {
			faults.Error(diag.ControlCharacter, c.Source.Range(i, i+1), fmt.Sprintf("byte 0x%02x is not printable ASCII", line[i])).
				Detail = "The EFI stub and the kernel do not agree on what to make of it."
			return c, faults
		}
	}
	if len(line) > MaxCommandLine {
		faults.Error(diag.CommandLineTooLong, c.Source.Range(MaxCommandLine, len(line)), fmt.Sprintf("the command line has more than %d bytes", MaxCommandLine)).
			Detail = "The kernel drops the rest."
		return c, faults
	}
	for at := 0; at < len(line); {
		if line[at] == ' ' {
			at++
			continue
		}
		end := wordEnd(line, at)
		if line[at:end] == "--" {
			break
		}
		c.words = append(c.words, parseWord(line[at:end], c.Source.Range(at, end)))
		at = end
	}
	return c, faults
}

// wordEnd finds the blank that ends the word at a byte: quotes keep blanks in.
func wordEnd(line string, at int) int {
	inside := false
	for ; at < len(line) && (inside || line[at] != ' '); at++ {
		if line[at] == '"' {
			inside = !inside
		}
	}
	return at
}

// parseWord takes the quotes off the word as a whole or off its value.
func parseWord(text string, place diag.Range) word {
	unquote := func(s string) string {
		if inner, ok := strings.CutPrefix(s, `"`); ok {
			return strings.TrimSuffix(inner, `"`)
		}
		return s
	}
	name, value, given := strings.Cut(unquote(text), "=")
	if !strings.HasPrefix(text, `"`) {
		value = unquote(value)
	}
	return word{parameterName(name), value, given, place}
}

// named gives the words of one name.
func (c *CommandLine) named(name string) []word {
	var found []word
	for _, w := range c.words {
		if w.name == name {
			found = append(found, w)
		}
	}
	return found
}
