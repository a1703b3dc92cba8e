package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// commandLine judges the kernel's parameters by the lists in the schema.
func (l *language) commandLine(file *source.File) (faults diag.List) {
	line := file.Root.Find("kernel", "command-line")
	if line == nil {
		return nil
	}
	length := 0
	for _, v := range line.Items {
		length += len(v.Text) + 1
		if v.Kind == source.String {
			l.parameter(&faults, v)
		}
	}
	limit := l.system.root.at([]string{"kernel", "command-line"}).joined
	if length > 0 && uint64(length-1) > limit {
		faults.Error(diag.CommandLineTooLong, line.Named(), fmt.Sprintf("the command line has %d bytes", length-1)).
			Detail = fmt.Sprintf("It has room for %d: the kernel takes 2047, of which the compiler needs the rest.", limit)
	}
	return faults
}

func (l *language) parameter(faults *diag.List, v *source.Value) {
	name, value, _ := strings.Cut(v.Text, "=")
	if name != "--" {
		name = strings.ReplaceAll(name, "-", "_")
	}
	prefix, _, dotted := strings.Cut(name, ".")
	reason, refused := l.refused[name]
	if dotted && !refused {
		reason, refused = l.refused[prefix+"."]
	}
	if refused {
		faults.Error(diag.RefusedParameter, v.Range, "kernel parameter "+diag.Quote(v.Text)+" is refused").
			Detail = "Not allowed: " + reason + "."
	}
	if pin, pinned := l.pinned[name]; pinned && !slices.Contains(pin.Values, value) {
		d := faults.Error(diag.RefusedParameter, v.Range, "kernel parameter "+diag.Quote(v.Text)+" is refused")
		d.Detail = fmt.Sprintf("%s can only be %s: %s.", name, diag.Or(pin.Values), pin.Reason)
	}
}
