package uki

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
)

// maxCommandLine is how many bytes arm64's kernel takes (COMMAND_LINE_SIZE less
// its zero); it drops the rest with no more than a message.
const maxCommandLine = 2047

// checkCommandLine judges the whole command line. Clauses keep the stub and the
// kernel from changing it on its way to /proc/cmdline, and anything but Bay0 from
// being started.
func checkCommandLine(_ uint16, p Parts) error {
	line := string(p.CommandLine)
	for _, clause := range []func(string) error{length, characters, blanks, ending} {
		if err := clause(line); err != nil {
			return err
		}
	}
	words, err := split(line)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(p.Passports)
	for _, want := range []string{
		"rdinit=" + abi.Bay0Path,
		"init=" + abi.Bay0Path, // what the kernel turns to when rdinit fails
		blob.DigestParameter + hex.EncodeToString(digest[:]),
		"--",
	} {
		if err := once(words, want, len(line)); err != nil {
			return err
		}
	}
	return nil
}

func length(line string) error {
	if len(line) > maxCommandLine {
		return broken("length", maxCommandLine, "%d bytes, the kernel takes %d", len(line), maxCommandLine)
	}
	return nil
}

// characters: systemd's stub turns control characters into blanks.
func characters(line string) error {
	if i := strings.IndexFunc(line, notPrintable); i >= 0 {
		return broken("characters", i, "%q, want printable ASCII", line[i:i+1])
	}
	return nil
}

// blanks: systemd's stub trims the ends.
func blanks(line string) error {
	if strings.HasPrefix(line, " ") {
		return broken("blanks", 0, "a blank at the start")
	}
	if i := strings.Index(line, "  "); i >= 0 {
		return broken("blanks", i, "two blanks, want one")
	}
	return nil
}

// ending: what firmware appends, even under Secure Boot (systemd issue 29560),
// stands behind the "--" and is not taken for parameters of the kernel.
func ending(line string) error {
	if !strings.HasSuffix(line, " --") {
		return broken("ending", len(line), `the line does not end in " --"`)
	}
	return nil
}

// word is a parameter and its offset in the line.
type word struct {
	text string
	at   int
}

// name is what stands before the word's "=".
func (w word) name() string {
	name, _, _ := strings.Cut(w.text, "=")
	return name
}

// split splits a line as the kernel does (lib/cmdline.c, next_arg), where blanks
// between double quotes separate nothing. It accepts quotes only in the form
// name="value", in which nobody can mistake a part of a value for a parameter.
func split(line string) ([]word, error) {
	var words []word
	for at := 0; at < len(line); {
		w := word{line[at:wordEnd(line, at)], at}
		if quote := strings.IndexByte(w.text, '"'); quote >= 0 && !quoted(w.text, quote) {
			return nil, broken("quotes", at+quote, `a quote in %s, want the form name="value"`, w.text)
		}
		words = append(words, w)
		at += len(w.text) + 1
	}
	return words, nil
}

// wordEnd is where the word at a place ends: at a blank outside quotes.
func wordEnd(line string, at int) int {
	inQuotes := false
	for ; at < len(line); at++ {
		switch line[at] {
		case '"':
			inQuotes = !inQuotes
		case ' ':
			if !inQuotes {
				return at
			}
		}
	}
	return at
}

// quoted reports whether a word whose first quote stands there is name="value".
func quoted(text string, quote int) bool {
	return quote > 1 && text[quote-1] == '=' &&
		strings.IndexByte(text, '=') == quote-1 &&
		strings.IndexByte(text[quote+1:], '"') == len(text)-quote-2
}

// once demands that one word of that name be in the line, and as wanted.
func once(words []word, want string, end int) error {
	name, found := word{text: want}.name(), false
	for _, w := range words {
		switch {
		case w.name() != name:
			continue
		case w.text != want:
			return broken(name, w.at, "%s, want %s", w.text, want)
		case found:
			return broken(name, w.at, "%s a second time", want)
		}
		found = true
	}
	if !found {
		return broken(name, end, "the line has no %s", want)
	}
	return nil
}
