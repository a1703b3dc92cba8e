// Package explain tells at length what diagnostics and keys of the language mean:
// for each code what it stands for, why it is so, an example that fails and its
// mend; for each key what the schema says of it, and a line that gives it.
//
// Nothing here is read before it is asked for, so that check pays for none of it.
package explain

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
)

// codes holds a file P0000.txt for each code, in txtar's form: paragraphs, then
// files. "-- fails rooms/web/passport.toml --" begins lines that stand in this file
// of the failing example, "-- passes … --" those of its mend; the other lines go
// without saying. Under "-- fails --" and "-- passes --" are shell commands instead,
// for what is no matter of a file's lines. "-- command --" is the call that finds
// the fault, where that is not "passportc check"; "-- with P0000 --" names a code that
// it cannot be found without.
//
//go:embed codes
var codes embed.FS

const defaultCommand = "passportc check"

// Code is what there is to say about a code.
type Code struct {
	Code    diag.Code
	Prose   []string // paragraphs: what it means, why it is so, how it is mended
	Command string   // the call that finds it
	With    []string // codes that are found as well, whatever the example
	Fails   []Part
	Passes  []Part
}

// Part is a part of an example: lines of a file, or shell commands.
type Part struct {
	File string // relative, with slashes; "" for commands
	Text string
}

// OfCode gives the explanation of a code, an error if it has none.
func OfCode(c diag.Code) (*Code, error) {
	text, err := codes.ReadFile(path.Join("codes", c.String()+".txt"))
	if err != nil {
		return nil, fmt.Errorf("there is no code %v", c)
	}
	e := &Code{Code: c, Command: defaultCommand}
	prose, rest, more := cutMarker(string(text))
	e.Prose = paragraphs(prose)
	for more {
		var name, body string
		name, rest, _ = strings.Cut(rest, " --\n")
		body, rest, more = cutMarker(rest)
		switch what, file, _ := strings.Cut(name, " "); what {
		case "fails":
			e.Fails = append(e.Fails, Part{file, body})
		case "passes":
			e.Passes = append(e.Passes, Part{file, body})
		case "with":
			e.With = append(e.With, file)
		case "command":
			e.Command = strings.TrimSpace(body)
		default:
			return nil, fmt.Errorf("the explanation of %v has a part %q", c, name)
		}
	}
	return e, nil
}

// cutMarker cuts text before the next line that begins a part.
func cutMarker(text string) (before, after string, found bool) {
	if rest, ok := strings.CutPrefix(text, "-- "); ok {
		return "", rest, true
	}
	before, after, found = strings.Cut(text, "\n-- ")
	if found {
		before += "\n"
	}
	return before, after, found
}

func paragraphs(text string) (all []string) {
	for _, p := range strings.Split(text, "\n\n") {
		if words := strings.Fields(p); len(words) > 0 {
			all = append(all, strings.Join(words, " "))
		}
	}
	return all
}
