package kernel

import (
	"fmt"
	"io/fs"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/policy/abi"
)

// Subject is what there is to judge; what is nil is not judged.
type Subject struct {
	Arch        abi.Arch
	Version     hardening.Version
	Config      *Config
	CommandLine *CommandLine
	Running     fs.FS // with proc and sys
}

// Verdict is what became of one rule.
type Verdict uint8

const (
	Fulfilled Verdict = iota + 1
	Broken
	Waived    // broken, and that is known
	Unjudged  // nothing was given to judge it by
	Elsewhere // it is for another kernel
)

func (v Verdict) String() string {
	return [...]string{"invalid", "fulfilled", "broken", "waived", "not judged", "for another kernel"}[v]
}

// Judgement is one rule with its verdict.
type Judgement struct {
	Rule    hardening.Rule
	Verdict Verdict
	Faults  diag.List // of a broken or waived rule; usually one
}

// Report is what the gate has to say of a subject.
type Report struct {
	Judgements []Judgement
	Waivers    diag.List // faults of waivers
	Faults     diag.List // of all rules that are broken, and of waivers
}

// Judge holds a subject against the rules. The day decides which waivers hold.
func Judge(rules hardening.Rules, s Subject, day time.Time) Report {
	j := &judge{Subject: s}
	for _, o := range rules.Options {
		j.rule(o.Rule, s.Config != nil, func() diag.List { return j.option(o) })
	}
	for _, g := range rules.Groups {
		j.rule(g.Rule, s.Config != nil, func() diag.List { return j.group(g) })
	}
	for _, p := range rules.Parameters {
		j.rule(p.Rule, s.CommandLine != nil, func() diag.List { return j.parameter(p) })
	}
	for _, c := range rules.Sysctls {
		j.rule(c.Rule, j.shows(c), func() diag.List { return j.sysctl(c) })
	}
	for _, f := range rules.Files {
		j.rule(f.Rule, s.Running != nil, func() diag.List { return j.running(f.Rule, f.Name, f.Want, diag.FileWrong) })
	}
	r := Report{Judgements: j.done}
	r.waive(rules, s, day)
	r.Faults = slices.Clone(r.Waivers)
	for _, done := range r.Judgements {
		if done.Verdict == Broken {
			r.Faults = append(r.Faults, done.Faults...)
		}
	}
	return r
}

type judge struct {
	Subject
	done []Judgement
}

// rule judges one rule, if it is for this kernel and there is something to judge.
func (j *judge) rule(r hardening.Rule, given bool, faults func() diag.List) {
	done := Judgement{Rule: r, Verdict: Fulfilled}
	switch {
	case !r.Only.Holds(j.Arch, j.Version):
		done.Verdict = Elsewhere
	case !given:
		done.Verdict = Unjudged
	default:
		if done.Faults = faults(); len(done.Faults) > 0 {
			done.Verdict = Broken
		}
	}
	j.done = append(j.done, done)
}

// finding is a fault with the rule's reason and source, and a note at the rule.
func finding(r hardening.Rule, code diag.Code, at diag.Range, summary string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: code, Subject: at, Summary: summary,
		Detail:  fmt.Sprintf("%s (%s).", upper(r.Reason), r.Source),
		Related: []diag.Related{{Message: "the rule", Range: r.Place}},
	}
}

// whole is the place of what is not there: the file as such, no line of it.
func whole(s *diag.Source) diag.Range { return diag.NewSource(s.Name, nil).Whole() }

func upper(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(c)) + s[n:]
}

// Count gives how many rules have a verdict.
func (r Report) Count(v Verdict) int {
	n := 0
	for _, j := range r.Judgements {
		if j.Verdict == v {
			n++
		}
	}
	return n
}

// Summary is the report in one line: "250 rules: 240 fulfilled, 10 waived, 30 not
// judged; no faults".
func (r Report) Summary() string {
	fulfilled, broken, waived := r.Count(Fulfilled), r.Count(Broken), r.Count(Waived)
	s := fmt.Sprintf("%s: %d fulfilled, %d waived, %d broken", plural(fulfilled+broken+waived, "rule"), fulfilled, waived, broken)
	if n := r.Count(Unjudged); n > 0 {
		s += fmt.Sprintf(", %d not judged", n)
	}
	return s + "; " + r.Faults.Counts()
}
