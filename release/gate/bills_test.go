package gate

import (
	"strings"
	"testing"

	"github.com/anchor-os/anchor/release/gate/lock"
)

func TestBills(t *testing.T) {
	const good = `{"kernel": "6.12.107", "stub": "260.1", "go": "1.26.8", "squashfs-tools": "4.7.2"}`
	got := map[string]string{}
	for name, text := range map[string]string{
		"nothing":         good,
		"moved":           edit(t, good, "6.12.107", "6.12.110"),
		"came in":         edit(t, good, "}", `, "nix": "2.34.1"}`),
		"one is missing":  edit(t, good, `"stub": "260.1", `, ""),
		"all are missing": "{}",
		"no object":       `["kernel"]`,
		"no JSON":         "kernel = 6.12",
		"no text":         edit(t, good, `"6.12.107"`, "6.12"),
		"no version":      edit(t, good, "260.1", "26 0"),
		"no name":         edit(t, good, "go", "Go!"),
	} {
		bill := lock.ReadBill("new.json", []byte(text))
		if bill.Faults.HasErrors() {
			got[name] = render(t, bill.Faults)
			continue
		}
		var d lock.Delta
		d.CompareBills(lock.ReadBill("old.json", []byte(good)), bill)
		var b strings.Builder
		if err := d.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		got[name] = b.String() + d.Summary() + "\n"
	}
	golden(t, "bills.txtar", got)
}
