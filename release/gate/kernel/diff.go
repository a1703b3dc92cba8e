package kernel

import (
	"maps"
	"slices"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
)

// Diff is what a change of a configuration does.
type Diff struct {
	Options []OptionChange `json:"options"` // by name
	Rules   []RuleChange   `json:"rules"`   // as in the file of rules
	Vacuous error          `json:"-"`       // no rule judges the new configuration
	Waivers diag.List      `json:"-"`       // faults of waivers
	Faults  diag.List      `json:"-"`       // of rules that the change breaks, and of waivers
}

// OptionChange is one option that is not what it was.
type OptionChange struct {
	Name  string   `json:"name"`
	Old   string   `json:"old"` // as the file says it; "not set"; "missing"
	New   string   `json:"new"`
	Rules []string `json:"rules"` // the rules that judge it
}

// RuleChange is one rule with another verdict than before.
type RuleChange struct {
	Name   string `json:"name"`
	Class  string `json:"class"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Effect Effect `json:"effect"`
	Reason string `json:"reason"`
}

// Effect is what a change does to a rule.
type Effect string

const (
	Breaks  Effect = "breaks"
	Mends   Effect = "mends"
	Waives  Effect = "waives"  // it is broken now, and that is waived
	Applies Effect = "applies" // it is for the new kernel and was not for the old one, and is fulfilled
	Drops   Effect = "drops"   // it was for the old kernel and is not for the new one
)

// Compare judges two configurations and gives what differs.
func Compare(rules hardening.Rules, old, new *Config, day time.Time) Diff {
	before := Judge(rules, Subject{Arch: old.Arch, Version: old.Version, Config: old}, day)
	after := Judge(rules, Subject{Arch: new.Arch, Version: new.Version, Config: new}, day)
	d := Diff{Options: []OptionChange{}, Rules: []RuleChange{}, Waivers: after.Waivers, Faults: slices.Clone(after.Waivers), Vacuous: after.Vacuous()}
	judges := judgesOf(rules)
	names := maps.Clone(old.entries)
	maps.Copy(names, new.entries)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if from, to := old.raw(name), new.raw(name); from != to {
			d.Options = append(d.Options, OptionChange{name, from, to, append([]string{}, judges[name]...)})
		}
	}
	for i, now := range after.Judgements {
		if was := before.Judgements[i]; was.Verdict != now.Verdict {
			change := RuleChange{now.Rule.Name, string(now.Rule.Class), was.Verdict.String(), now.Verdict.String(), effect(was.Verdict, now.Verdict), now.Rule.Reason}
			d.Rules = append(d.Rules, change)
			if now.Verdict == Broken {
				d.Faults = append(d.Faults, now.Faults...)
			}
		}
	}
	return d
}

// effect classifies two verdicts that differ.
func effect(was, now Verdict) Effect {
	switch {
	case now == Broken:
		return Breaks
	case now == Waived:
		return Waives
	case now == Elsewhere:
		return Drops
	case was == Elsewhere:
		return Applies
	}
	return Mends
}

func (c *Config) raw(name string) string {
	if e, there := c.entries[name]; there {
		return e.raw
	}
	return "missing"
}

// judgesOf gives the names of the rules that judge an option.
func judgesOf(rules hardening.Rules) map[string][]string {
	judges := map[string][]string{}
	add := func(option, rule string) {
		if !slices.Contains(judges[option], rule) {
			judges[option] = append(judges[option], rule)
		}
	}
	for _, o := range rules.Options {
		add(o.Name, o.Name)
	}
	for _, g := range rules.Groups {
		g.Node.Each(func(o hardening.Option) { add(o.Name, g.Name) })
	}
	return judges
}
