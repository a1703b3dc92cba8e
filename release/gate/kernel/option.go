package kernel

import (
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
)

// holds reports whether an option is as a rule demands.
func (c *Config) holds(name string, w hardening.Want) bool {
	e, there := c.entries[name]
	if !there {
		return w.Missing()
	}
	return e.allowed(w)
}

// allowed reports whether an option is as a rule demands, its quotes too: Kconfig
// refuses "n" for a switch and 64 for a text, and takes the default (kernel:
// scripts/kconfig/confdata.c, conf_set_sym_val).
func (e entry) allowed(w hardening.Want) bool {
	bare := w.Form != hardening.OneOf || plain.MatchString(e.value)
	return e.quoted != bare && w.Allows(e.value)
}

// state says in words what an option is and what it should be.
func (c *Config) state(name string, w hardening.Want) string {
	e, there := c.entries[name]
	is := "missing"
	if there {
		is = e.raw
	}
	return fmt.Sprintf("%s is %s, want %s", name, is, w)
}

// option judges one option.
func (j *judge) option(o hardening.Option) diag.List {
	if j.Config.holds(o.Name, o.Want) {
		return nil
	}
	e, there := j.Config.entries[o.Name]
	if there {
		d := finding(o.Rule, diag.OptionWrong, e.place, j.Config.state(o.Name, o.Want))
		d.Hint = remedy(o)
		return diag.List{d}
	}
	d := finding(o.Rule, diag.OptionMissing, whole(j.Config.Source), j.Config.state(o.Name, o.Want))
	d.Detail += "\n\nMissing is not off: this kernel does not know the option, or something that it depends on is off and nobody answered for it."
	return diag.List{d}
}

// remedy is the line that would fulfil a rule, where there is but one.
func remedy(o hardening.Option) string {
	w := o.Want
	switch {
	case w.Form == hardening.OneOf && len(w.Values) > 1:
		return ""
	case w.Form == hardening.Off || w.Allows("n"):
		return fmt.Sprintf("write # %s is not set", o.Name)
	case w.Form == hardening.OneOf && plain.MatchString(w.Values[0]):
		return fmt.Sprintf("write %s=%s", o.Name, w.Values[0])
	case w.Form == hardening.OneOf:
		return fmt.Sprintf("write %s=%q", o.Name, w.Values[0])
	case w.Form == hardening.Number && w.Min == w.Max:
		return fmt.Sprintf("write %s=%d", o.Name, w.Min)
	}
	return ""
}

// group judges several options as one rule. The finding is at the first of them
// that is in the configuration and not as it should be.
func (j *judge) group(g hardening.Group) diag.List {
	if j.Config.holdsNode(g.Node) {
		return nil
	}
	d := finding(g.Rule, diag.GroupUnfulfilled, whole(j.Config.Source), fmt.Sprintf("%s is not fulfilled", diag.Quote(g.Name)))
	if at, ok := j.Config.broken(g.Node); ok {
		d.Subject = at
	}
	d.Detail += "\n\nIt takes " + j.Config.describe(g.Node) + "."
	return diag.List{d}
}

func (c *Config) holdsNode(n hardening.Node) bool {
	for _, o := range n.Options {
		if c.holds(o.Name, o.Want) != n.All {
			return !n.All
		}
	}
	for _, inner := range n.Nodes {
		if c.holdsNode(inner) != n.All {
			return !n.All
		}
	}
	return n.All
}

// broken finds the first member that is there and wrong.
func (c *Config) broken(n hardening.Node) (diag.Range, bool) {
	for _, o := range n.Options {
		if e, there := c.entries[o.Name]; there && !e.allowed(o.Want) {
			return e.place, true
		}
	}
	for _, inner := range n.Nodes {
		if at, ok := c.broken(inner); ok {
			return at, true
		}
	}
	return diag.Range{}, false
}

// describe says what a group demands and what there is instead.
func (c *Config) describe(n hardening.Node) string {
	var parts []string
	for _, o := range n.Options {
		if c.holds(o.Name, o.Want) {
			parts = append(parts, fmt.Sprintf("%s (as it should be)", o.Name))
		} else {
			parts = append(parts, c.state(o.Name, o.Want))
		}
	}
	for _, inner := range n.Nodes {
		parts = append(parts, c.describe(inner))
	}
	if n.All {
		return "all of (" + strings.Join(parts, "; ") + ")"
	}
	return "one of (" + strings.Join(parts, "; ") + ")"
}
