package kernel

import (
	"fmt"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
)

// maxWaiver is how far ahead a waiver may end: whoever owns it looks at it again
// at least once a year. It also keeps a clock that is far behind from letting
// every waiver hold.
const maxWaiver = 366 * 24 * time.Hour

// waive turns broken rules that have a waiver which holds on the day into waived
// ones, and judges the waivers: one that has expired, that ends too far ahead or
// that nothing needs is a finding.
func (r *Report) waive(rules hardening.Rules, s Subject, day time.Time) {
	needed, kept := map[string]diag.Range{}, map[string]bool{}
	for i, j := range r.Judgements {
		switch j.Verdict {
		case Broken:
			if w := rules.Waiver(j.Rule.Name, s.Arch, s.Version); w != nil {
				needed[j.Rule.Name] = j.Faults[0].Subject
				if judgeWaiver(*w, false, day) == nil {
					r.Judgements[i].Verdict = Waived
				}
			}
		case Fulfilled:
			kept[j.Rule.Name] = true
		}
	}
	for _, w := range rules.Waivers {
		at, broken := needed[w.Name]
		if d := judgeWaiver(w, kept[w.Name] && !broken && w.Only.Holds(s.Arch, s.Version), day); d != nil {
			if broken {
				d.Related = []diag.Related{{Message: "what it waived", Range: at}}
			}
			r.Waivers = append(r.Waivers, *d)
		}
	}
}

func judgeWaiver(w hardening.Waiver, needless bool, day time.Time) *diag.Diagnostic {
	var faults diag.List
	ends := w.Expires.AddDate(0, 0, 1)
	switch {
	case needless:
		d := faults.Error(diag.WaiverNeedless, w.Place, fmt.Sprintf("the rule %s is fulfilled and needs no waiver", diag.Quote(w.Name)))
		d.Detail = "A waiver that nothing needs would hide the day on which the rule is broken."
		d.Hint = "delete the waiver"
	case !day.Before(ends):
		d := faults.Error(diag.WaiverExpired, w.Until, fmt.Sprintf("the waiver of %s expired on %s", diag.Quote(w.Name), w.Expires.Format(time.DateOnly)))
		d.Detail = fmt.Sprintf("It held because %s.", w.Reason)
		d.Hint = fmt.Sprintf("fulfil the rule, or let %s decide again", w.Owner)
	case w.Expires.Sub(day) > maxWaiver:
		faults.Error(diag.WaiverTooLong, w.Until, fmt.Sprintf("the waiver of %s holds for more than a year", diag.Quote(w.Name))).
			Detail = fmt.Sprintf("It is judged on %s.", day.Format(time.DateOnly))
	default:
		return nil
	}
	return &faults[0]
}
