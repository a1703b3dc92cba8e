package kernel

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Summary is the change in one line: "3 options changed; 1 rule broken, 1 mended".
func (d Diff) Summary() string {
	counts := map[Effect]int{}
	for _, r := range d.Rules {
		counts[r.Effect]++
	}
	s := plural(len(d.Options), "option") + " changed; " + plural(counts[Breaks], "rule") + " broken"
	for _, e := range []struct {
		effect Effect
		word   string
	}{{Mends, "mended"}, {Waives, "waived"}, {Applies, "more"}, {Drops, "fewer"}} {
		if n := counts[e.effect]; n > 0 {
			s += fmt.Sprintf(", %d %s", n, e.word)
		}
	}
	return s
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// WriteText writes the change for people: each option with the rules that judge it,
// then each rule with another verdict than before.
func (d Diff) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, o := range d.Options {
		judged := "no rule"
		if len(o.Rules) > 0 {
			judged = "judged by " + strings.Join(o.Rules, ", ")
		}
		fmt.Fprintf(t, "%s\t%s\t→ %s\t%s\n", o.Name, o.Old, o.New, judged)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("cannot write the change: %w", err)
	}
	for _, r := range d.Rules {
		if _, err := fmt.Fprintf(w, "\n%s %s: %s, was %s (%s)\n  %s\n", r.Effect, r.Name, r.New, r.Old, r.Class, r.Reason); err != nil {
			return fmt.Errorf("cannot write the change: %w", err)
		}
	}
	if len(d.Rules) > 0 {
		_, err := fmt.Fprintln(w)
		return err
	}
	return nil
}

// WriteJSON writes the change for programs, as one object with the fields options,
// rules and waivers, what is wrong with these. Field names are stable: they may be added to, never renamed.
func (d Diff) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	waivers := []string{}
	for _, f := range d.Waivers.Sorted() {
		waivers = append(waivers, f.Summary)
	}
	if err := e.Encode(struct {
		Diff
		Waivers []string `json:"waivers"`
	}{d, waivers}); err != nil {
		return fmt.Errorf("cannot write the change: %w", err)
	}
	return nil
}
