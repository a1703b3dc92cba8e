package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
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
	Running     fs.FS  // with proc and sys
	Root        string // what messages call the directory that Running is; empty: /
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
	Lacks   string    // without what it is not judged: "a command line"
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
		j.rule(o.Rule, unless(s.Config != nil, aConfig), func() diag.List { return j.option(o) })
	}
	for _, g := range rules.Groups {
		j.rule(g.Rule, unless(s.Config != nil, aConfig), func() diag.List { return j.group(g) })
	}
	for _, p := range rules.Parameters {
		j.rule(p.Rule, unless(s.CommandLine != nil, aCommandLine), func() diag.List { return j.parameter(p) })
	}
	for _, c := range rules.Sysctls {
		j.rule(c.Rule, unless(j.shows(c), shower(c)), func() diag.List { return j.sysctl(c) })
	}
	for _, f := range rules.Files {
		j.rule(f.Rule, unless(s.Running != nil, aRunningKernel), func() diag.List { return j.running(f.Rule, f.Name, f.Want, diag.FileWrong) })
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

// What there may be to judge rules by, as the summary calls it.
const (
	aConfig        = "a configuration"
	aCommandLine   = "a command line"
	aRunningKernel = "a running kernel"
)

// unless names what is lacking.
func unless(given bool, what string) (lacking string) {
	if given {
		return ""
	}
	return what
}

// rule judges one rule, if it is for this kernel and there is something to judge. Of
// which version and architecture the kernel is, its configuration says.
func (j *judge) rule(r hardening.Rule, lacking string, faults func() diag.List) {
	done := Judgement{Rule: r, Verdict: Fulfilled}
	switch {
	case r.Only.Limited() && j.Arch == 0 && j.Version == hardening.Version{}:
		done.Verdict, done.Lacks = Unjudged, aConfig
	case !r.Only.Holds(j.Arch, j.Version):
		done.Verdict = Elsewhere
	case lacking != "":
		done.Verdict, done.Lacks = Unjudged, lacking
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

// Summary is the report in one line: "250 rules: 240 fulfilled, 10 waived, 0 broken;
// not judged: 30 without a running kernel, 20 for another kernel; no faults".
func (r Report) Summary() string {
	fulfilled, broken, waived := r.Count(Fulfilled), r.Count(Broken), r.Count(Waived)
	s := fmt.Sprintf("%s: %d fulfilled, %d waived, %d broken", plural(fulfilled+broken+waived, "rule"), fulfilled, waived, broken)
	if others := r.unjudged(); others != "" {
		s += "; not judged: " + others
	}
	return s + "; " + r.Faults.Counts()
}

// unjudged counts the rules that were not judged, by the reason.
func (r Report) unjudged() string {
	counts := map[string]int{"for another kernel": r.Count(Elsewhere)}
	for _, j := range r.Judgements {
		if j.Verdict == Unjudged {
			counts["without "+j.Lacks]++
		}
	}
	var parts []string
	for _, why := range []string{"without " + aConfig, "without " + aCommandLine, "without " + aRunningKernel, "for another kernel"} {
		if counts[why] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[why], why))
		}
	}
	return strings.Join(parts, ", ")
}

// Vacuous gives an error if no rule was judged at all: then nothing is known of the
// kernel, and that there are no faults says nothing.
func (r Report) Vacuous() error {
	switch {
	case r.Count(Fulfilled)+r.Count(Waived)+r.Count(Broken) > 0:
		return nil
	case len(r.Judgements) == 0:
		return errors.New("no rule was judged: there is none")
	}
	return fmt.Errorf("no rule was judged: %s", r.unjudged())
}
