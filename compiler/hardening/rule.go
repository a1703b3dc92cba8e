package hardening

import (
	"regexp"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

var (
	optionForm    = regexp.MustCompile(`^CONFIG_[A-Za-z0-9_]+$`).MatchString
	parameterForm = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`).MatchString
	sysctlForm    = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)+$`).MatchString
)

// common reads what all rules must say, and on what kernels they hold.
func (b *block) common(name string) Rule {
	r := Rule{Name: name, Reason: b.text("reason"), Source: b.text("source"), Place: b.head()}
	r.Class = b.class()
	r.Only.Arches = b.arches()
	return r
}

// versions limits a rule to some versions of the kernel.
func (b *block) versions(c *Condition) {
	c.Since, c.Before = b.version("since"), b.version("before")
	if c.Before != (Version{}) && c.Since.compare(c.Before) >= 0 {
		b.error(diag.RulesValue, b.head(), "no version lies between %s and %s", c.Since, c.Before)
	}
}

func (b *block) class() Class {
	c := Class(b.text("class"))
	if a := b.Body.Attributes["class"]; a != nil && !slices.Contains(classes, c) {
		var words []string
		for _, known := range classes {
			words = append(words, string(known))
		}
		d := b.error(diag.RulesValue, b.place(a), "there is no class %s", diag.Quote(string(c)))
		d.Detail = "It can be " + diag.Or(words) + "."
		d.Hint = diag.DidYouMean(string(c), words)
	}
	return c
}

func (b *block) arches() []abi.Arch {
	var all []abi.Arch
	for _, name := range b.texts("architectures") {
		arch, err := policy.ParseArch(name)
		if err != nil {
			b.error(diag.RulesValue, b.place(b.Body.Attributes["architectures"]), "%v", err)
		}
		all = append(all, arch)
	}
	return all
}

func (b *block) version(name string) Version {
	a := b.attribute(name)
	if a == nil {
		return Version{}
	}
	s, _ := b.value(a).(string)
	v, err := ParseVersion(s)
	if err != nil {
		b.wrong(a, `a version such as "6.12"`)
	}
	return v
}

// options reads a block option, which is a rule for each of its labels.
func (b *block) options() []Option {
	common := Option{Rule: b.common("")}
	b.versions(&common.Only)
	common.Want = b.want("value", "values", "range", "off", "absent")
	if len(b.Labels) == 0 {
		b.error(diag.RulesMissing, b.head(), "the block names no option")
	}
	var all []Option
	for i, name := range b.Labels {
		o := common
		o.Name, o.Place = name, b.reader.place(b.LabelRanges[i])
		if !optionForm(name) && !b.reader.full() {
			b.error(diag.RulesValue, o.Place, "%s is no option", diag.Quote(name))
		}
		all = append(all, o)
	}
	return all
}

func (b *block) parameter() Parameter {
	p := Parameter{Rule: b.common(b.label("parameter, written with _", parameterForm)), Optional: b.flag("optional")}
	b.versions(&p.Only)
	p.Want = b.want("value", "values", "range", "form", "flag", "absent")
	if p.Optional && p.Want.Form == Absent {
		b.error(diag.RulesValue, b.head(), "the rule wants the parameter absent and calls it optional")
	}
	return p
}

func (b *block) sysctl() Sysctl {
	s := Sysctl{Rule: b.common(b.label("sysctl", sysctlForm)), Set: b.flag("set")}
	s.Want = b.want("value", "range", "absent")
	if value, exact := s.Want.exact(); s.Set && s.Want.Form != 0 && (!exact || wordless(value)) {
		b.error(diag.RulesValue, b.head(), "the command line cannot set %s to %s", diag.Quote(s.Name), s.Want).
			Detail = "It can set one value, which is not empty and holds no blank and no quote."
	}
	return s
}

func (b *block) file() File {
	f := File{Rule: b.common(b.label("file of /proc or /sys", policy.ValidInvariantPath[string]))}
	f.Want = b.want("value", "range", "absent")
	if strings.HasPrefix(f.Name, "/proc/sys/") {
		b.error(diag.RulesValue, b.head(), "a file below /proc/sys is a sysctl")
	}
	return f
}

// group reads a block any or all with what it is for.
func (b *block) group() Group {
	g := Group{Rule: b.common(b.label("name of a group", func(s string) bool {
		return strings.TrimSpace(s) != "" && !strings.HasPrefix(s, "CONFIG_")
	}))}
	b.versions(&g.Only)
	g.Node = b.node()
	return g
}

// node reads the members of a group.
func (b *block) node() Node {
	b.inner = []string{"option", "any", "all"}
	n := Node{All: b.Type == "all"}
	for _, inner := range b.Body.Blocks {
		if b.reader.full() {
			break
		}
		m := &block{Block: inner, reader: b.reader}
		switch inner.Type {
		case "option":
			o := Option{Rule: Rule{Name: m.label("option", optionForm), Place: m.head()}}
			o.Want = m.want("value", "values", "range", "off", "absent")
			n.Options = append(n.Options, o)
		case "any", "all":
			if len(inner.Labels) > 0 {
				m.error(diag.RulesValue, m.head(), "a group within a group has no name")
			}
			n.Nodes = append(n.Nodes, m.node())
		default:
			continue // named by end
		}
		m.end()
	}
	if len(n.Options)+len(n.Nodes) == 0 {
		b.error(diag.RulesMissing, b.head(), "the group has no members")
	}
	return n
}
