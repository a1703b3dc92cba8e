package hardening

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/policy/abi"
)

// Waiver lets a rule be broken, for a time.
type Waiver struct {
	Name    string // of the rule
	Reason  string // why the rule cannot be kept, and what stands in its place
	Owner   string // who answers for it
	Expires time.Time
	Only    Condition
	Checker []string   // what kernel-hardening-checker calls what is waived; none: Name
	Place   diag.Range // the head of its block
	Until   diag.Range // the date
}

// Waiver gives the waiver of a rule for a kernel, nil if there is none.
func (r Rules) Waiver(name string, arch abi.Arch, v Version) *Waiver {
	for i, w := range r.Waivers {
		if w.Name == name && w.Only.Holds(arch, v) {
			return &r.Waivers[i]
		}
	}
	return nil
}

func (b *block) waiver() Waiver {
	w := Waiver{
		Name:   b.label("name of a rule", func(s string) bool { return s != "" }),
		Reason: b.text("reason"), Owner: b.text("owner"), Place: b.head(),
	}
	expires := b.text("expires")
	if a := b.Body.Attributes["expires"]; a != nil {
		w.Until = b.place(a)
		var err error
		if w.Expires, err = time.Parse(time.DateOnly, expires); err != nil {
			b.error(diag.RulesValue, w.Until, "expires is %s, which is no date", diag.Quote(expires)).
				Detail = `A date is written as "2027-01-31"; it is the last day on which the waiver holds.`
		}
	}
	w.Only.Arches = b.arches()
	b.versions(&w.Only)
	w.Checker = b.texts("checker")
	return w
}

// repeated finds rules and waivers that are given twice for one kernel.
func (r *reader) repeated() {
	first := map[string][]Rule{}
	for _, rule := range r.rules.All() {
		if r.full() {
			return
		}
		for _, earlier := range first[rule.Name] {
			if rule.Name != "" && earlier.Only.overlaps(rule.Only) {
				r.twice("rule", rule.Name, rule.Place, earlier.Place)
				break
			}
		}
		first[rule.Name] = append(first[rule.Name], rule)
	}
	waived := map[string]diag.Range{}
	for _, w := range r.rules.Waivers {
		if earlier, ok := waived[w.Name]; ok {
			r.twice("waiver", w.Name, w.Place, earlier)
		}
		waived[w.Name] = w.Place
	}
}

func (r *reader) twice(what, name string, here, earlier diag.Range) {
	if r.full() {
		return
	}
	d := r.faults.Error(diag.RulesRepeated, here, fmt.Sprintf("there are two %ss for %s", what, diag.Quote(name)))
	d.Related = []diag.Related{{Message: "the first", Range: earlier}}
}

// waived finds waivers of rules that do not exist.
func (r *reader) waived() {
	known := map[string]bool{}
	for _, rule := range r.rules.All() {
		known[rule.Name] = true
	}
	names := slices.Sorted(maps.Keys(known))
	for _, w := range r.rules.Waivers {
		if w.Name != "" && !known[w.Name] && !r.full() {
			d := r.faults.Error(diag.WaiverWithoutRule, w.Place, fmt.Sprintf("there is no rule %s to waive", diag.Quote(w.Name)))
			d.Hint = diag.DidYouMean(w.Name, names)
		}
	}
}
