package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// lastPrivilegedPort is the last that the kernel keeps to CAP_NET_BIND_SERVICE
// (net.ipv4.ip_unprivileged_port_start).
const lastPrivilegedPort = 1023

// capabilities judges the powers of root that a passport asks for.
func (l *language) capabilities(file *source.File) (faults diag.List) {
	list := file.Root.Find("capabilities", "allow")
	if list != nil && list.Kind == source.Array && len(list.Items) == 0 {
		faults.Error(diag.NeedlessCapability, list.Range, "[capabilities] grants nothing").
			Hint = "remove [capabilities]"
	}
	seen := map[string]*source.Value{}
	for _, rule := range itemsAt(file.Root, "capabilities", "allow") {
		v := textAt(rule, "capability")
		if v == nil {
			continue
		}
		switch {
		case l.grantable[v.Text] == "":
			faults = append(faults, l.refusedCapability(v))
		case !bindsPrivileged(file.Root):
			faults.Error(diag.NeedlessCapability, v.Range, fmt.Sprintf("the room has no use for %s", diag.Quote(v.Text))).
				Detail = "It is " + l.grantable[v.Text] + ", and network.bind has none."
		}
		repeatedRule(&faults, seen, v)
	}
	return faults
}

// bindsPrivileged reports whether a passport asks for a port that needs the
// capability.
func bindsPrivileged(root *source.Value) bool {
	return slices.ContainsFunc(itemsAt(root, "network", "bind"), func(v *source.Value) bool {
		return v.Kind == source.Integer && v.Int >= 1 && v.Int <= lastPrivilegedPort
	})
}

func (l *language) refusedCapability(v *source.Value) diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: diag.RefusedCapability, Subject: v.Range,
		Summary: "capability " + diag.Quote(v.Text) + " cannot be granted",
	}
	name := strings.TrimPrefix(strings.ToUpper(v.Text), "CAP_")
	reason, refused := l.withheld[name]
	switch {
	case refused:
		d.Detail = "No room can have it: " + reason + "."
	case l.grantable[name] != "":
		d.Detail, d.Hint = "Names are written in capitals and without CAP_.", "write "+diag.Quote(name)
	default:
		d.Detail = "There is no such capability (capabilities(7))."
		d.Hint = diag.DidYouMean(name, append(slices.Collect(maps.Keys(l.withheld)), slices.Collect(maps.Keys(l.grantable))...))
	}
	return d
}
