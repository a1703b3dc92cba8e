package check

import (
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// repeats refuses to mount a volume twice in a room and to connect to a socket twice.
func repeats(file *source.File) (faults diag.List) {
	for _, rule := range []struct {
		code            diag.Code
		list            []string
		key             string
		summary, detail string
	}{
		{
			diag.RepeatedVolume, []string{"filesystem", "volumes"}, "name", "a second mount of the volume ",
			"A volume lies in one place of a room, where it can be written to or not.",
		},
		{
			diag.RepeatedConnect, []string{"connect"}, "socket", "a second [[connect]] to the socket ",
			"A socket's name is unique on the machine, and it is there for the room or not.",
		},
	} {
		seen := map[string]*source.Value{}
		for _, item := range itemsAt(file.Root, rule.list...) {
			v := textAt(item, rule.key)
			if v == nil {
				continue
			}
			if first := seen[v.Text]; first != nil {
				d := faults.Error(rule.code, v.Range, rule.summary+diag.Quote(v.Text))
				d.Detail = rule.detail
				d.Related = []diag.Related{{Message: "the first", Range: first.Range}}
				continue
			}
			seen[v.Text] = v
		}
	}
	return faults
}
