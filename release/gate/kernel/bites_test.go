package kernel

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/policy/abi"
)

// kernelFor is the shipped kernel if a rule is for it, else the first one that it is
// for.
func kernelFor(shipped *Config, only hardening.Condition) (abi.Arch, hardening.Version) {
	if only.Holds(shipped.Arch, shipped.Version) {
		return shipped.Arch, shipped.Version
	}
	arch, version := shipped.Arch, hardening.Version{1}
	if len(only.Arches) > 0 {
		arch = only.Arches[0]
	}
	if (only.Since == hardening.Version{}) && (only.Before == hardening.Version{}) {
		version = shipped.Version
	}
	return arch, slices.MaxFunc([]hardening.Version{version, only.Since}, func(a, b hardening.Version) int { return slices.Compare(a[:], b[:]) })
}

// turned changes lines of a configuration such that an option is as a rule demands,
// or else is not: off becomes on, what must be there goes, a value gets another one.
func turned(lines []string, o hardening.Option, right bool) []string {
	lines = slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return strings.HasPrefix(line, o.Name+"=") || line == "# "+o.Name+" is not set"
	})
	no, w := "# "+o.Name+" is not set", o.Want
	wrong := map[bool]int64{true: 0, false: 1}[right]
	switch {
	case w.Form == hardening.Number:
		return append(lines, fmt.Sprintf("%s=%d", o.Name, w.Min-wrong))
	case w.Form == hardening.Absent && right:
		return lines
	case (w.Form == hardening.Off || w.Allows("n")) && right, w.Allows("y") && !right:
		return append(lines, no)
	case w.Form == hardening.OneOf && right && plain.MatchString(w.Values[0]):
		return append(lines, o.Name+"="+w.Values[0])
	case w.Form == hardening.OneOf && right:
		return append(lines, fmt.Sprintf("%s=%q", o.Name, w.Values[0]))
	case w.Form == hardening.Off, w.Form == hardening.Absent, w.Allows("n"):
		return append(lines, o.Name+"=y")
	}
	return append(lines, o.Name+`="another"`)
}

// breaks gives sets of options each of which, turned wrong, breaks a group, such that
// every option is in one of them.
func breaks(n hardening.Node) (sets [][]hardening.Option) {
	parts := [][][]hardening.Option{}
	for _, o := range n.Options {
		parts = append(parts, [][]hardening.Option{{o}})
	}
	for _, inner := range n.Nodes {
		parts = append(parts, breaks(inner))
	}
	if n.All {
		return slices.Concat(parts...)
	}
	for i, part := range parts {
		for _, set := range part {
			for k, other := range parts {
				if k != i {
					set = slices.Concat(set, other[0])
				}
			}
			sets = append(sets, set)
		}
	}
	return sets
}

// biter breaks rules one after the other and looks at what the gate says.
type biter struct {
	*testing.T
	rules   hardening.Rules
	shipped *Config
	judges  map[string][]string
	rulesOf map[abi.Arch]int
	flips   int
}

// judge judges a configuration of lines as one of another kernel.
func (b *biter) judge(lines []string, arch abi.Arch, v hardening.Version) map[string]Judgement {
	b.Helper()
	c := readConfig(b, "flipped", []byte(strings.Join(lines, "\n")+"\n"))
	found := map[string]Judgement{}
	for _, j := range Judge(b.rules, Subject{Arch: arch, Version: v, Config: c}, shippedDay(b.rules)).Judgements {
		if j.Verdict != Elsewhere {
			found[j.Rule.Name] = j
		}
	}
	return found
}

// bite takes the shipped configuration, makes members as the rule demands, and then
// turns each set of breaking wrong. The gate has to say so with the rule's reason,
// and to find nothing else that it did not before but by rules for the same options.
func (b *biter) bite(r hardening.Rule, members []hardening.Option, breaking [][]hardening.Option) {
	arch, version := kernelFor(b.shipped, r.Only)
	lines := strings.Split(strings.TrimSuffix(string(b.shipped.Source.Text), "\n"), "\n")
	for _, o := range members {
		lines = turned(lines, o, true)
	}
	before := b.judge(lines, arch, version)
	if before[r.Name].Verdict != Fulfilled {
		b.Errorf("%s cannot be fulfilled: %s", r.Name, before[r.Name].Verdict)
		return
	}
	b.rulesOf[arch]++
	want := finding(r, 0, diag.Range{}, "").Detail
	for _, set := range breaking {
		b.flips++
		wrong := lines
		related := []string{r.Name}
		for _, o := range set {
			wrong = turned(wrong, o, false)
			related = append(related, b.judges[o.Name]...)
		}
		after := b.judge(wrong, arch, version)
		now := after[r.Name]
		verdict := Broken
		if b.rules.Waiver(r.Name, arch, version) != nil {
			verdict = Waived
		}
		if now.Verdict != verdict || len(now.Faults) == 0 || !strings.HasPrefix(now.Faults[0].Detail, want) || now.Faults[0].Related[0].Range != r.Place {
			b.Errorf("%s can be broken: %s, %v, want %q", r.Name, now.Verdict, now.Faults, want)
		}
		for name, j := range after {
			if len(j.Faults) > len(before[name].Faults) && !slices.Contains(related, name) {
				b.Errorf("breaking %s breaks %s", r.Name, name)
			}
		}
	}
}

// TestEveryRuleBites breaks every rule of the shipped file, of kernels that are not
// shipped too, by each option that it demands.
func TestEveryRuleBites(t *testing.T) {
	rules := shippedRules(t)
	b := &biter{T: t, rules: rules, shipped: readConfig(t, shippedConfig, shippedText(t)), judges: judgesOf(rules), rulesOf: map[abi.Arch]int{}}
	for _, o := range rules.Options {
		b.bite(o.Rule, []hardening.Option{o}, [][]hardening.Option{{o}})
	}
	for _, g := range rules.Groups {
		var members []hardening.Option
		g.Each(func(o hardening.Option) { members = append(members, o) })
		b.bite(g.Rule, members, breaks(g.Node))
	}
	t.Logf("%d rules for options were broken in %d ways and found: %d on aarch64, %d for x86_64 alone",
		len(rules.Options)+len(rules.Groups), b.flips, b.rulesOf[abi.AArch64], b.rulesOf[abi.X8664])
	if b.rulesOf[abi.AArch64] < 390 || b.rulesOf[abi.X8664] < 10 {
		t.Errorf("only %v rules were broken", b.rulesOf)
	}
}

// written gives all values that a rule for an option is content with, as they are written.
func written(w hardening.Want) (values []string) {
	switch w.Form {
	case hardening.Number:
		return []string{fmt.Sprint(w.Min), fmt.Sprint(w.Max)}
	case hardening.Off:
		return []string{"n"}
	}
	for _, v := range w.Values {
		if !plain.MatchString(v) {
			v = fmt.Sprintf("%q", v)
		}
		values = append(values, v)
	}
	return values
}

// TestEveryOptionWantsItsQuotes writes every value that a shipped rule is content with
// the other way: y, m, n and numbers in quotes, texts without. Kconfig would take the
// default for it.
func TestEveryOptionWantsItsQuotes(t *testing.T) {
	rules := shippedRules(t)
	options := slices.Clone(rules.Options)
	for _, g := range rules.Groups {
		g.Each(func(o hardening.Option) { options = append(options, o) })
	}
	bare, quoted := 0, 0
	holds := func(o hardening.Option, value string) bool {
		c, _ := ReadConfig("config", []byte(o.Name+"="+value+"\n"))
		return c.holds(o.Name, o.Want)
	}
	for _, o := range options {
		for _, value := range written(o.Want) {
			other, isQuoted := strings.CutPrefix(strings.TrimSuffix(value, `"`), `"`)
			if quoted++; !isQuoted {
				other = `"` + value + `"`
				bare, quoted = bare+1, quoted-1
			}
			if !holds(o, value) || holds(o, other) {
				t.Errorf("%s=%s passes: %v, %s=%s passes: %v", o.Name, value, holds(o, value), o.Name, other, holds(o, other))
			}
		}
	}
	t.Logf("%d options: %d values in quotes that must be bare, %d bare that must be in quotes", len(options), bare, quoted)
	if bare < 450 || quoted < 2 {
		t.Error("too few")
	}
}

// TestEveryParameterBites does the same with the command line: each parameter with a
// value that is not allowed, and without those that must be there.
func TestEveryParameterBites(t *testing.T) {
	rules := shippedRules(t)
	bad := 0
	for _, p := range rules.Parameters {
		for _, text := range []string{p.Name + "=never-a-value", p.Name, ""} {
			if text == "" && (p.Optional || p.Want.Missing()) || text == p.Name && p.Want.Form == hardening.Flag {
				continue
			}
			line, _ := ReadCommandLine("cmdline", []byte(text))
			j := &judge{Subject: Subject{CommandLine: line}}
			bad++
			if faults := j.parameter(p); len(faults) != 1 || !strings.Contains(faults[0].Detail, p.Source) {
				t.Errorf("%q passes the rule for %s", text, p.Name)
			}
		}
	}
	t.Logf("%d rules for parameters: %d bad command lines were found", len(rules.Parameters), bad)
}

// file is what a rule for a file of the running kernel is about.
type file struct {
	hardening.Rule
	path string
	want hardening.Want
}

// filesOf are the sysctls and files that the shipped rules judge.
func filesOf(rules hardening.Rules) (all []file) {
	for _, s := range rules.Sysctls {
		all = append(all, file{s.Rule, s.Path()[1:], s.Want})
	}
	for _, f := range rules.Files {
		all = append(all, file{f.Rule, f.Name[1:], f.Want})
	}
	return all
}

// texts gives what a rule is content with, nil for no file, and what it is not.
func (f file) texts() (right, wrong *fstest.MapFile) {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s + "\n")} }
	switch f.want.Form {
	case hardening.Absent:
		return nil, text("")
	case hardening.Number:
		return text(fmt.Sprint(f.want.Max)), text(fmt.Sprint(f.want.Min - 1))
	}
	return text(f.want.Values[0]), text(f.want.Values[0] + "x")
}

// TestEverySettingBites does the same with a running kernel: it passes when all its
// sysctls and files are right, and not with one of them wrong, or missing.
func TestEverySettingBites(t *testing.T) {
	rules := shippedRules(t)
	root := fstest.MapFS{}
	judge := func() []Judgement {
		report := Judge(rules, Subject{Arch: abi.AArch64, Running: root}, shippedDay(rules))
		return slices.DeleteFunc(report.Judgements, func(j Judgement) bool { return len(j.Faults) == 0 })
	}
	all := filesOf(rules)
	for _, f := range all {
		if right, _ := f.texts(); right != nil {
			root[f.path] = right
		}
	}
	if found := judge(); len(found) > 0 {
		t.Fatalf("what is right is refused: %v", found)
	}
	for _, f := range all {
		right, wrong := f.texts()
		bites := func(how string) {
			if found := judge(); len(found) != 1 || found[0].Rule.Name != f.Name || found[0].Verdict != Broken ||
				found[0].Faults[0].Detail != finding(f.Rule, 0, diag.Range{}, "").Detail {
				t.Errorf("%s is %s: found %v", f.Name, how, found)
			}
		}
		root[f.path] = wrong
		bites("wrong")
		if delete(root, f.path); right != nil {
			bites("missing")
			root[f.path] = right
		}
	}
	t.Logf("%d rules for sysctls and files were broken and found", len(all))
}
