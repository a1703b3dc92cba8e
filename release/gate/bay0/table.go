package bay0

import (
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"
)

// WriteText writes how many lines each part has, beside what was planned.
func (r Report) WriteText(w io.Writer, law *Law) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "lines\tplanned\t  part")
	for _, p := range r.Parts {
		var names []string
		for _, folder := range p.Packages {
			names = append(names, path.Base(folder))
		}
		fmt.Fprintf(t, "%d\t%d\t  %s (%s)\n", p.Lines, p.Part.Lines, p.Part.Name, strings.Join(names, ", "))
	}
	fmt.Fprintf(t, "%d\t%d\t  in all\n", r.Lines, law.Lines)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("cannot write the table: %w", err)
	}
	_, err := fmt.Fprintln(w)
	return err
}
