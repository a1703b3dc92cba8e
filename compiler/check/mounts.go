package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// mounts refuses file systems of a room that hide one another, or its program.
func mounts(file *source.File) (faults diag.List) {
	paths := mountPaths(file)
	hidden(&faults, file, paths)
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

// mountPaths gives where the file systems of a room lie.
func mountPaths(file *source.File) (paths []*source.Value) {
	for _, list := range []string{"tmpfs", "volumes"} {
		for _, item := range itemsAt(file.Root, "filesystem", list) {
			if v := textAt(item, "path"); v != nil && v.Text != "/" {
				paths = append(paths, v)
			}
		}
	}
	return paths
}

// hidden refuses a file system that lies over the room's program, or above it.
func hidden(faults *diag.List, file *source.File, paths []*source.Value) {
	program := textAt(file.Root, "room", "exec", "0")
	if program == nil {
		return
	}
	for _, v := range paths {
		if !strings.HasPrefix(program.Text+"/", v.Text+"/") {
			continue
		}
		d := faults.Error(diag.MountNotAllowed, v.Range, "the file system at "+diag.Quote(v.Text)+" hides the room's program")
		d.Detail = "It begins empty, or with what the room wrote, and no program in it can be run. The room would never start."
		d.Related = []diag.Related{{Message: "the program", Range: program.Range}}
	}
}
