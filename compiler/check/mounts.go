package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// mounts refuses file systems of a room that hide one another.
func mounts(file *source.File) (faults diag.List) {
	var paths []*source.Value
	for _, list := range []string{"tmpfs", "volumes"} {
		for _, item := range itemsAt(file.Root, "filesystem", list) {
			if v := textAt(item, "path"); v != nil && v.Text != "/" {
				paths = append(paths, v)
			}
		}
	}
	// With its slash, a path sorts right before those below it.
	slices.SortStableFunc(paths, func(a, b *source.Value) int { return cmp.Compare(a.Text+"/", b.Text+"/") })
	for i := 1; i < len(paths); i++ {
		above, below := paths[i-1], paths[i]
		if !strings.HasPrefix(below.Text+"/", above.Text+"/") {
			continue
		}
		d := faults.Error(diag.MountsNested, below.Range, diag.Quote(below.Text)+" lies below "+diag.Quote(above.Text))
		if above.Text == below.Text {
			d.Summary = "two file systems at " + diag.Quote(below.Text)
		}
		d.Detail = "Each file system of a room lies beside the others, so that none hides another."
		d.Related = []diag.Related{{Message: "the other", Range: above.Range}}
		paths[i] = above // what follows may lie below it too
	}
	return faults
}
