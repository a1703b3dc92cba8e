package kernel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/lazyregexp"
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

// maxWord is the longest parameter that every reader takes as a whole: what is behind
// it is a parameter of its own where arm64 looks for nokaslr and the like (kernel:
// arch/arm64/kernel/pi/idreg-override.c, __parse_cmdline).
const maxWord = 255

// ReadCommandLine reads a command line up to a word "--", behind which all is for PID 1.
// The text may end in a line feed, as /proc/cmdline does.
//
// The kernel has several readers. One knows quotes and takes them off before it looks
// for "--" (lib/cmdline.c, next_arg; kernel/params.c, parse_args), others end a word at
// every blank. What they do not agree on is refused.
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
	at := 0
	for text := range strings.SplitSeq(line, " ") {
		if text == "--" {
			break
		}
		if text != "" {
			c.word(&faults, text, c.Source.Range(at, at+len(text)))
		}
		at += len(text) + 1
	}
	return c, faults
}

// quotedWord is the only form of a word with quotes.
var quotedWord = lazyregexp.New(`^[^"=]+="[^"]*"$`)

func (c *CommandLine) word(faults *diag.List, text string, place diag.Range) {
	name, value, given := strings.Cut(text, "=")
	w := word{parameterName(name), value, given, place}
	switch {
	case len(text) > maxWord:
		faults.Error(diag.CommandLineSyntax, place, fmt.Sprintf("the parameter has more than %d bytes", maxWord)).
			Detail = "Where arm64 looks for nokaslr and the like, what follows is a parameter of its own."
		return
	case !strings.Contains(text, `"`):
	case quotedWord.MatchString(text):
		w.value = strings.Trim(value, `"`)
	default:
		faults.Error(diag.CommandLineSyntax, place, "there are quotes around something else than a value without blanks").
			Detail = `The kernel takes quotes off in one place and not in another: to some of its readers "--" ends the parameters, and each word between quotes is a parameter.`
		return
	}
	if path, sets := strings.CutPrefix(w.name, "sysctl."); sets && slices.Contains(strings.Split(path, "."), "") {
		faults.Error(diag.CommandLineSyntax, place, "a part of the sysctl's name is empty").
			Detail = "The kernel takes the name for a path, in which such a part is nothing: it is another name for a sysctl that rules may judge."
		return
	}
	c.words = append(c.words, w)
}

// beginning gives the words whose names begin with a text: of a parameter that takes no
// value, the kernel looks at the beginning only (init/main.c, obsolete_checksetup).
func (c *CommandLine) beginning(text string) []word {
	var found []word
	for _, w := range c.words {
		if strings.HasPrefix(w.name, text) {
			found = append(found, w)
		}
	}
	return found
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
