package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/release/vm"
)

// detailsWidth is that of an ordinary terminal, and a little.
const detailsWidth = 100

// showDetails prints what the rooms have reported, a paragraph for each rule: what they did with what they were
// granted, and which neighbours they were denied, by the refusal.
func showDetails(w io.Writer, names []string, lines []vm.Line) {
	fmt.Fprintf(w, "\n+ a grant that was used  - a neighbour that was denied  ! not as the passport says\n")
	for _, room := range stateOf(names, lines) {
		if len(room.Probes) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", room.Name)
		rules := byRule(room.Probes)
		width := 0
		for _, r := range rules {
			width = max(width, len(r.name))
		}
		for _, r := range rules {
			r.show(w, width)
		}
	}
}

// rule is one of a passport, with what was done about it in groups of one outcome.
type rule struct {
	name   string
	groups []group
}

type group struct {
	sign, outcome string
	acts          []string
}

// byRule keeps the order in which rules, and of each the outcomes, came first; grants come before neighbours.
func byRule(probes []vm.Probe) (rules []rule) {
	for _, p := range probes {
		i := slices.IndexFunc(rules, func(r rule) bool { return r.name == p.Rule })
		if i < 0 {
			i = len(rules)
			rules = append(rules, rule{name: p.Rule})
		}
		rules[i].add(p)
	}
	for _, r := range rules {
		slices.SortStableFunc(r.groups, func(a, b group) int { return strings.Compare(a.sign, b.sign) }) // ! + -
	}
	return rules
}

func (r *rule) add(p vm.Probe) {
	sign := "-"
	switch {
	case p.Wrong:
		sign = "!"
	case p.Grant:
		sign = "+"
	}
	i := slices.IndexFunc(r.groups, func(g group) bool { return g.sign == sign && g.outcome == p.Outcome })
	if i < 0 {
		i = len(r.groups)
		r.groups = append(r.groups, group{sign: sign, outcome: p.Outcome})
	}
	r.groups[i].acts = append(r.groups[i].acts, p.Act)
}

func (r rule) show(w io.Writer, width int) {
	name := r.name
	for _, g := range r.groups {
		words := slices.Clone(g.acts)
		for i := range words[:len(words)-1] {
			words[i] += ";"
		}
		if g.outcome != "" {
			words[len(words)-1] += ": " + g.outcome
		}
		sign := g.sign
		for _, line := range wrap(words, detailsWidth-width-len("    + ")) {
			fmt.Fprintf(w, "  %-*s  %s %s\n", width, name, sign, line)
			name, sign = "", " "
		}
	}
}

// wrap joins words into lines of at most so many bytes, but for a word that is longer.
func wrap(words []string, width int) (lines []string) {
	for _, word := range words {
		if last := len(lines) - 1; last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
