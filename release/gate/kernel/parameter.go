package kernel

import (
	"fmt"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
)

// parameter judges every word of a name: the kernel lets the last count for some
// parameters and the first for others. What must not be there must not be there with
// something behind it either.
func (j *judge) parameter(p hardening.Parameter) (faults diag.List) {
	words := j.CommandLine.named(p.Name)
	if p.Want.Form == hardening.Absent {
		words = j.CommandLine.beginning(p.Name)
	}
	if len(words) == 0 && !p.Optional && !p.Want.Missing() {
		return diag.List{finding(p.Rule, diag.ParameterWrong, whole(j.CommandLine.Source),
			fmt.Sprintf("the parameter %s is missing, want %s", diag.Quote(p.Name), p.Want))}
	}
	for _, w := range words {
		if w.given && p.Want.Allows(w.value) || !w.given && p.Want.Form == hardening.Flag {
			continue
		}
		faults = append(faults, finding(p.Rule, diag.ParameterWrong, w.place,
			fmt.Sprintf("the parameter %s is %s, want %s", diag.Quote(w.name), w.state(), p.Want)))
	}
	return faults
}

func (w word) state() string {
	if !w.given {
		return "given without a value"
	}
	return diag.Quote(w.value)
}
