package check

import (
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// itself refuses a room that names itself where another room belongs.
func itself(dir source.Directory) (faults diag.List) {
	refuse := func(v *source.Value, summary, detail string) {
		if v != nil && v.Text == dir.Name {
			faults.Error(diag.OwnRoom, v.Range, summary).Detail = detail
		}
	}
	root := dir.Passport.Root
	for _, v := range textsAt(root, "room", "after") {
		refuse(v, "a room cannot wait for itself", "It would never start.")
	}
	const between = "A socket of the machine leads from one room to another."
	for _, socket := range itemsAt(root, "socket") {
		for _, v := range textsAt(socket, "clients") {
			refuse(v, "a room cannot be a client of its own socket", between)
		}
	}
	for _, connect := range itemsAt(root, "connect") {
		refuse(textAt(connect, "room"), "a room cannot connect to itself", between)
	}
	return faults
}
