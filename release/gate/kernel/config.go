// Package kernel is the gate that a kernel passes before it is built into a
// release: its configuration, and where they are at hand its command line and the
// running kernel itself, judged by the rules of package compiler/hardening.
//
// The gate knows no rule and writes nothing: it takes texts and gives verdicts,
// each finding at the line that is at fault with a note at the rule.
package kernel

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// MaxConfig is the largest configuration that is judged, in bytes; a real one has
// some 300,000.
const MaxConfig = 4 << 20

const maxFaults = 100 // of one configuration: what is no configuration would have one in each line

// Config is a kernel's configuration as Kconfig wrote it.
type Config struct {
	Source  *diag.Source
	Arch    abi.Arch
	Version hardening.Version
	entries map[string]entry
	names   []string // as in the file
}

// entry is one line of a configuration.
type entry struct {
	value  string // "n" for an option that is not set; texts without their quotes
	raw    string // as it is written, "is not set" included
	quoted bool   // Kconfig takes y, m, n and numbers bare only, and texts in quotes only
	place  diag.Range
}

// ReadConfig reads the text of a .config. Kconfig itself warns of malformed lines
// and takes the last of repeated ones (kernel: scripts/kconfig/confdata.c); here
// both are errors, since they show a file that was cut, mended or joined by hand.
func ReadConfig(name string, text []byte) (*Config, diag.List) {
	var faults diag.List
	c := &Config{Source: diag.NewSource(name, text), entries: map[string]entry{}}
	if len(text) > MaxConfig {
		faults.Error(diag.TooLarge, whole(c.Source), fmt.Sprintf("the file has more than %d bytes", MaxConfig)).
			Detail = "A kernel's configuration has some 300,000."
		return c, faults
	}
	if i := bytes.IndexByte(text, '\r'); i >= 0 {
		d := faults.Error(diag.ConfigSyntax, c.Source.Range(i, i+1), "the line ends in CR LF")
		d.Detail = "Kconfig ends lines in LF alone; to it the CR is a part of the value."
		d.Hint = "write the file again on Linux, with make olddefconfig"
		return c, faults
	}
	at := 0
	for line := range strings.Lines(string(text)) {
		c.line(&faults, at, line)
		at += len(line)
		if len(faults) >= maxFaults {
			break
		}
	}
	if len(faults) == 0 {
		c.ended(&faults)
	}
	c.kernel(&faults)
	return c, faults
}

var (
	assigned = lazyregexp.New(`^(CONFIG_[A-Za-z0-9_]+)=(.*)$`)
	unset    = lazyregexp.New(`^# (CONFIG_[A-Za-z0-9_]+) is not set$`)
	plain    = lazyregexp.New(`^([ymn]|-?[0-9]+|0[xX][0-9a-fA-F]+)$`)
	quoted   = lazyregexp.New(`^"((?:[^"\\\x00-\x1f\x7f]|\\["\\])*)"$`)
	unescape = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

// line reads one line, which begins at the byte at.
func (c *Config) line(faults *diag.List, at int, line string) {
	text, whole := strings.CutSuffix(line, "\n")
	place := c.Source.Range(at, at+len(text))
	if !whole {
		faults.Error(diag.ConfigTruncated, place, "the file ends within a line").
			Detail = "Kconfig ends every line: what followed was cut off, and so may this line be."
		return
	}
	if text == "" || strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "# CONFIG_") && printable(text) {
		return
	}
	if m := unset.FindStringSubmatch(text); m != nil {
		c.add(faults, m[1], entry{"n", "not set", false, place})
		return
	}
	m := assigned.FindStringSubmatch(text)
	switch {
	case m == nil:
	case plain.MatchString(m[2]):
		c.add(faults, m[1], entry{m[2], m[2], false, place})
		return
	case quoted.MatchString(m[2]):
		c.add(faults, m[1], entry{unescape.Replace(m[2][1 : len(m[2])-1]), m[2], true, place})
		return
	}
	faults.Error(diag.ConfigSyntax, place, "the line is no line of a configuration").
		Detail = `A line is CONFIG_NAME=value with y, m, n, a number or a quoted text, or "# CONFIG_NAME is not set", or another comment, or empty.`
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

func (c *Config) add(faults *diag.List, name string, e entry) {
	if first, twice := c.entries[name]; twice {
		d := faults.Error(diag.ConfigRepeated, e.place, name+" is given twice")
		d.Detail = "Kconfig takes the last and says nothing; whoever reads the file may have seen the first."
		d.Related = []diag.Related{{Message: "first", Range: first.place}}
		return
	}
	c.entries[name] = e
	c.names = append(c.names, name)
}

const end = "# end of Kernel hacking" // with what the last menu of all kernels ends (kernel: Kconfig)

// ended refuses a configuration that was cut between two lines. Behind the end of the
// last menu there are at most options that nobody is asked for, which no menu holds.
func (c *Config) ended(faults *diag.List) {
	if header.FindSubmatch(c.Source.Text) == nil || bytes.Contains(c.Source.Text, []byte("\n"+end+"\n")) {
		return
	}
	last := len(c.Source.Text) - 1
	begin := bytes.LastIndexByte(c.Source.Text[:last], '\n') + 1
	faults.Error(diag.ConfigTruncated, c.Source.Range(begin, last), "the file ends before its last menu does").
		Detail = fmt.Sprintf("Kconfig ends that menu with %s: what should follow here was cut off.", diag.Quote(end))
}

// arches are the options that say which architecture a configuration is for, and what
// make calls it (kernel: Makefile, ARCH).
var arches = []struct {
	arch   abi.Arch
	option string
	names  []string
}{
	{abi.AArch64, "CONFIG_ARM64", []string{"arm64"}},
	{abi.X8664, "CONFIG_X86_64", []string{"x86", "x86_64"}},
}

// kernel finds out what the configuration is for: many rules hold for some
// versions or architectures only.
func (c *Config) kernel(faults *diag.List) {
	named, at := c.header(faults)
	c.architecture(faults)
	switch {
	case len(*faults) > 0:
	case c.Version == hardening.Version{}:
		d := faults.Error(diag.ConfigUnnamed, whole(c.Source), "the configuration does not say which kernel it is for")
		d.Detail = `Kconfig begins it with a comment such as "# Linux/arm64 6.12.107 Kernel Configuration".`
		d.Hint = "the gate judges whole configurations, as make olddefconfig writes them"
	case c.Arch == 0:
		d := faults.Error(diag.ConfigUnnamed, whole(c.Source), "the configuration does not say which architecture it is for")
		d.Detail = "There are rules for CONFIG_ARM64=y and CONFIG_X86_64=y."
	default:
		for _, a := range arches {
			if a.arch == c.Arch && !slices.Contains(a.names, named) {
				d := faults.Error(diag.ConfigUnnamed, at, fmt.Sprintf("the configuration is for %s, and %s is y", diag.Quote(named), a.option))
				d.Related = []diag.Related{{Message: a.option, Range: c.entries[a.option].place}}
			}
		}
	}
}

var header = lazyregexp.New(`(?m)^# Linux/(\S+) ([0-9]+\.[0-9]+(?:\.[0-9]+)?)\S* Kernel Configuration$`)

// header reads the comment that names the kernel, and gives the name of the
// architecture in it.
func (c *Config) header(faults *diag.List) (arch string, at diag.Range) {
	for i, m := range header.FindAllSubmatchIndex(c.Source.Text, 2) {
		place := c.Source.Range(m[0], m[1])
		if i > 0 {
			d := faults.Error(diag.ConfigRepeated, place, "the configuration says twice which kernel it is for")
			d.Detail = "Kconfig says it once: two configurations were joined, or one was mended by hand."
			d.Related = []diag.Related{{Message: "first", Range: at}}
			break
		}
		arch, at = string(c.Source.Text[m[2]:m[3]]), place
		c.Version, _ = hardening.ParseVersion(string(c.Source.Text[m[4]:m[5]]))
	}
	return arch, at
}

// architecture is the one whose option is on. Kconfig has never two of them on.
func (c *Config) architecture(faults *diag.List) {
	var on []entry
	for _, a := range arches {
		if e := c.entries[a.option]; e.value == "y" && !e.quoted {
			c.Arch = a.arch
			on = append(on, e)
		}
	}
	if len(on) > 1 {
		slices.SortFunc(on, func(a, b entry) int { return cmp.Compare(a.place.Start, b.place.Start) })
		d := faults.Error(diag.ConfigRepeated, on[1].place, "the configuration is for two architectures")
		d.Detail = "Many rules are for one of them only. Kconfig has but one: two configurations were joined, or one was mended by hand."
		d.Related = []diag.Related{{Message: "the first", Range: on[0].place}}
	}
}
