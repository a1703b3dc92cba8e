package kernel

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	shipped "github.com/anchor-os/anchor/kernel"
	"github.com/anchor-os/anchor/policy/abi"
)

const shippedConfig = "../../../kernel/config-hardened"

func shippedRules(t testing.TB) hardening.Rules {
	t.Helper()
	rules, faults := hardening.Read(shipped.HardeningName, shipped.Hardening)
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	return rules
}

func shippedText(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(shippedConfig)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// shippedDay is one on which every waiver holds: the last day of the first to end.
func shippedDay(rules hardening.Rules) time.Time {
	day := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, w := range rules.Waivers {
		if w.Expires.Before(day) {
			day = w.Expires
		}
	}
	return day
}

// The kernel that is shipped passes its gate: configuration and command line.
func TestShippedKernel(t *testing.T) {
	rules := shippedRules(t)
	config := readConfig(t, shippedConfig, shippedText(t))
	p, faults, err := compiler.Compile(os.DirFS("../../../rooms"), "rooms", compiler.Target{Arch: abi.AArch64})
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v %s", err, render(t, faults))
	}
	line, faults := ReadCommandLine("the shipped command line", []byte(p.CommandLine+" bay0.passports=sha256:"+strings.Repeat("0", 64)+" --"))
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	report := Judge(rules, Subject{Arch: config.Arch, Version: config.Version, Config: config, CommandLine: line}, shippedDay(rules))
	if len(report.Faults) > 0 {
		t.Error(render(t, report.Faults))
	}
	t.Log(report.Summary())
}

// flip changes the lines of a configuration such that an option is no longer as a
// rule demands: off becomes on, what must be there goes, a value gets another one.
func flip(lines []string, o hardening.Option) []string {
	var kept []string
	for _, line := range lines {
		if !strings.HasPrefix(line, o.Name+"=") && line != "# "+o.Name+" is not set" {
			kept = append(kept, line)
		}
	}
	switch w := o.Want; {
	case w.Form == hardening.Number:
		return append(kept, fmt.Sprintf("%s=%d", o.Name, w.Min-1))
	case w.Form == hardening.Off || w.Form == hardening.Absent || w.Allows("n"):
		return append(kept, o.Name+"=y")
	case w.Allows("y"):
		return append(kept, "# "+o.Name+" is not set")
	}
	return append(kept, o.Name+`="another"`)
}

// judgeFlipped judges the shipped configuration with options flipped, and gives the
// findings of rules, waived ones too, by rule.
func judgeFlipped(t *testing.T, rules hardening.Rules, flipped ...hardening.Option) map[string]diag.Diagnostic {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(shippedText(t)), "\n"), "\n")
	for _, o := range flipped {
		lines = flip(lines, o)
	}
	c := readConfig(t, "flipped", []byte(strings.Join(lines, "\n")+"\n"))
	found := map[string]diag.Diagnostic{}
	for _, j := range Judge(rules, Subject{Arch: c.Arch, Version: c.Version, Config: c}, shippedDay(rules)).Judgements {
		if len(j.Faults) > 0 {
			found[j.Rule.Name] = j.Faults[0]
		}
	}
	return found
}

// TestEveryRuleBites flips, one after another, whatever a rule demands of the shipped
// configuration: all options of a group together. Each time the gate has a finding
// with that rule's reason and source, and besides it no other but of rules that judge
// the same options.
func TestEveryRuleBites(t *testing.T) {
	rules := shippedRules(t)
	config := readConfig(t, shippedConfig, shippedText(t))
	judges := judgesOf(rules)
	before := judgeFlipped(t, rules)
	flips := 0
	bites := func(r hardening.Rule, options ...hardening.Option) {
		if !r.Only.Holds(config.Arch, config.Version) || rules.Waiver(r.Name) != nil {
			return
		}
		flips++
		related := map[string]bool{r.Name: true}
		for _, o := range options {
			for _, name := range judges[o.Name] {
				related[name] = true
			}
		}
		found := judgeFlipped(t, rules, options...)
		want := finding(r, 0, diag.Range{}, "").Detail
		if d, ok := found[r.Name]; !ok || !strings.HasPrefix(d.Detail, want) || d.Related[0].Range != r.Place {
			t.Errorf("%s can be broken: finding %q, want %q", r.Name, d.Detail, want)
		}
		for name := range found {
			if _, was := before[name]; !was && !related[name] {
				t.Errorf("flipping %s breaks %s", r.Name, name)
			}
		}
	}
	for _, o := range rules.Options {
		bites(o.Rule, o)
	}
	for _, g := range rules.Groups {
		var members []hardening.Option
		g.Each(func(o hardening.Option) { members = append(members, o) })
		bites(g.Rule, members...)
	}
	t.Logf("%d rules for %s were broken and found", flips, config.Arch)
	if flips < 350 {
		t.Errorf("only %d rules were broken", flips)
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
	t.Logf("%d bad command lines were found", bad)
}

// Every option of the shipped configuration, and every one that a rule for its
// version names, is one of the kernel's.
func TestShippedOptionsExist(t *testing.T) {
	tree, err := exec.Command("../../../kernel/configure", "tree").Output()
	if err != nil {
		t.Fatalf("cannot unpack the kernel's Kconfig files: %v", err)
	}
	known, err := ReadSource(os.DirFS(strings.TrimSpace(string(tree))))
	if err != nil || len(known) < 15_000 {
		t.Fatalf("%d options, error %v", len(known), err)
	}
	if faults := known.Unknown(shippedRules(t), readConfig(t, shippedConfig, shippedText(t))); len(faults) > 0 {
		t.Error(render(t, faults))
	}
}

// A rule for an option that the shipped configuration answers says so: only then does
// the gate notice that a new kernel has it under another name.
func TestStrictRulesAreVisible(t *testing.T) {
	rules := shippedRules(t)
	config := readConfig(t, shippedConfig, shippedText(t))
	for _, o := range rules.Options {
		if _, there := config.entries[o.Name]; there && o.Want.Form == hardening.Off {
			t.Errorf("%s is in the configuration: its rule can say value = \"n\"", o.Name)
		}
	}
}

// The gate as a whole, but for starting the program.
func BenchmarkGate(b *testing.B) {
	text := shippedText(b)
	for b.Loop() {
		rules, _ := hardening.Read(shipped.HardeningName, shipped.Hardening)
		c, _ := ReadConfig(shippedConfig, text)
		if r := Judge(rules, Subject{Arch: c.Arch, Version: c.Version, Config: c}, shippedDay(rules)); len(r.Judgements) == 0 {
			b.Fatal("nothing was judged")
		}
	}
}
