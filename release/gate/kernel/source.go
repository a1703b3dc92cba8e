package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// Known is the options that a kernel's Kconfig files define, with the prefix
// CONFIG_.
type Known map[string]bool

var definition = lazyregexp.New(`^[ \t]*(?:menu)?config[ \t]+([A-Za-z0-9_]+)[ \t]*(?:#.*)?$`)

// read adds the options of one Kconfig file, but for what a help text says. Such a text
// ends at the first line with less indentation than its own first one, or with none
// (kernel: scripts/kconfig/lexer.l, HELP). What if and depends on say does not matter.
func (k Known) read(text string) {
	help, least := false, 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		blank, indent := line == "", indentation(line)
		if help && !blank {
			if least == 0 {
				least = indent
			}
			help = indent > 0 && indent >= least
		}
		if help || blank {
			continue
		}
		if m := definition.FindStringSubmatch(line); m != nil {
			k["CONFIG_"+m[1]] = true
		}
		if word := strings.TrimLeft(line, " \t"); word == "help" || word == "---help---" {
			help, least = true, 0
		}
	}
}

// indentation counts columns, of which a tab fills up eight.
func indentation(line string) int {
	n := 0
	for _, c := range line {
		switch c {
		case ' ':
			n++
		case '\t':
			n = n&^7 + 8
		default:
			return n
		}
	}
	return n
}

// ReadSource walks a kernel's source for Kconfig files. All architectures count:
// which options one of them has is Kconfig's to say, a misspelt name has none.
func ReadSource(root fs.FS) (Known, error) {
	if _, err := fs.Stat(root, "Kconfig"); err != nil {
		return nil, errors.New("it is no kernel source: it has no file Kconfig")
	}
	known := Known{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasPrefix(path.Base(name), "Kconfig") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		known.read(string(text))
		return err
	})
	return known, err
}

// maxHints bounds the search for similar names, of which there are 20,000.
const maxHints = 20

// Unknown finds options that no Kconfig file defines: in the rules for this version
// of the kernel, on whatever architecture, and in the configuration.
func (k Known) Unknown(rules hardening.Rules, c *Config) diag.List {
	var faults diag.List
	names := slices.Collect(maps.Keys(k))
	unknown := func(name string, at diag.Range) {
		if k[name] {
			return
		}
		d := faults.Error(diag.OptionUnknown, at, fmt.Sprintf("no Kconfig file defines %s", name))
		d.Detail = "Kconfig drops what it does not know without a word: a setting of such an option does nothing, and a rule for it judges nothing."
		if len(faults) <= maxHints {
			d.Hint = diag.DidYouMean(name, names)
		}
	}
	for _, name := range c.names {
		unknown(name, c.entries[name].place)
	}
	for _, o := range rules.Options {
		if c.here(o.Rule) {
			unknown(o.Name, o.Place)
		}
	}
	for _, g := range rules.Groups {
		if c.here(g.Rule) {
			g.Node.Each(func(o hardening.Option) { unknown(o.Name, o.Place) })
		}
	}
	return faults
}

// here reports whether a rule is for this version, on whatever architecture.
func (c *Config) here(r hardening.Rule) bool {
	only := r.Only
	only.Arches = nil
	return only.Holds(c.Arch, c.Version)
}
