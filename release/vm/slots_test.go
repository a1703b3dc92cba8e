package vm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/google/go-cmp/cmp"
)

const global = "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

// makeFlash makes a file of variables on top of an empty store.
func makeFlash(t *testing.T, parts Parts, values map[string][]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "flash.fd")
	if err := copyFile(path, parts.Vars); err != nil {
		t.Fatal(err)
	}
	if err := SetVariables(path, values); err != nil {
		t.Fatal(err)
	}
	return path
}

// The firmware starts the slot of BootNext once, and then the first of BootOrder: what is set outside is
// what it reads, and what it has deleted is gone.
func TestSlots(t *testing.T) {
	parts := findParts(t)
	flash := makeFlash(t, parts, map[string][]byte{
		"Boot0007" + global:  SlotEntry(abi.SlotA),
		"Boot0008" + global:  SlotEntry(abi.SlotB),
		"BootOrder" + global: {7, 0, 8, 0},
		"BootNext" + global:  {8, 0},
	})
	// Neither finds a root file system, and both reset the machine.
	machine := Machine{Slots: [2]string{parts.Kernel, parts.Kernel}, Flash: flash, Firmware: parts.Firmware, Resets: 1}
	result, err := machine.Run(t.Context())
	if err != nil {
		t.Fatal(err, result.Text())
	}
	var started []string
	for _, line := range result.Lines {
		if _, what, found := strings.Cut(line.Text, "BdsDxe: starting "); found {
			what, _, _ = strings.Cut(what, " from ")
			started = append(started, what)
		}
	}
	if diff := cmp.Diff([]string{`Boot0008 "Anchor OS B"`, `Boot0007 "Anchor OS A"`}, started); diff != "" || result.Ending != Reset {
		t.Errorf("ended by %v; started:\n%s\n%s", result.Ending, diff, result.Text())
	}
	variables, err := Variables(flash)
	if err != nil {
		t.Fatal(err)
	}
	if next, there := variables["BootNext"+global]; there {
		t.Errorf("BootNext is still %x", next)
	}
	if order := variables["BootOrder"+global]; len(order) < 4 || order[0] != 7 || order[2] != 8 {
		t.Errorf("BootOrder is %x", order)
	}
	if diff := cmp.Diff(SlotEntry(abi.SlotB), variables["Boot0008"+global]); diff != "" {
		t.Errorf("Boot0008 is another:\n%s", diff)
	}
}

func TestSlotsWithoutAnImage(t *testing.T) {
	_, err := Machine{Slots: [2]string{"", "nowhere/anchor.efi"}}.Run(t.Context())
	if diff := cmp.Diff("cannot make the boot volume: stat nowhere/anchor.efi: no such file or directory", failure(err)); diff != "" {
		t.Error(diff)
	}
}

func TestSetVariables(t *testing.T) {
	flash := makeFlash(t, findParts(t), map[string][]byte{"Kept" + global: {1, 2, 3}, "Gone" + global: {4}, "New" + global: {5}})
	if err := SetVariables(flash, map[string][]byte{"Gone" + global: nil, "New" + global: {6, 7}}); err != nil {
		t.Fatal(err)
	}
	got, err := Variables(flash)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]byte{"Kept" + global: {1, 2, 3}, "New" + global: {6, 7}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestVariablesRefuse(t *testing.T) {
	good := readDisk(t, findParts(t).Vars)[:1<<20]
	spoil := func(at int, b ...byte) []byte {
		flash := append([]byte{}, good...)
		copy(flash[at:], b)
		return flash
	}
	const variable = 72 + storeHeader
	for name, c := range map[string]struct {
		flash []byte
		set   map[string][]byte
		want  string
	}{
		"no file system of firmware":   {spoil(40, 'x'), nil, "it is no firmware volume"},
		"nothing at all":               {nil, nil, "it is no firmware volume"},
		"another store":                {spoil(72, 0), nil, "it holds no store of variables"},
		"a store beyond the file":      {spoil(72+storeSize+3, 0x7f), nil, "the store of variables is cut short"},
		"a variable beyond the store":  {spoil(variable+36, 0, 0, 0xff, 0xff), nil, "a variable is longer than the store"},
		"a variable without vendor":    {good, map[string][]byte{"Name": {1}}, "Name is no name of a variable"},
		"a vendor that is no GUID":     {good, map[string][]byte{"Name-8be4df61-93ca-11d2-aa0d-00e098032b8x": {1}}, "Name-8be4df61-93ca-11d2-aa0d-00e098032b8x is no name of a variable"},
		"a variable without any space": {good, map[string][]byte{"Big" + global: make([]byte, 1<<18)}, "the store of variables is full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if strings.Contains(name, "beyond the store") {
				copy(c.flash[variable:], []byte{0xaa, 0x55})
			}
			if err := os.WriteFile("flash.fd", c.flash, 0o600); err != nil {
				t.Fatal(err)
			}
			want := "cannot set the firmware's variables in flash.fd: " + c.want
			if diff := cmp.Diff(want, failure(SetVariables("flash.fd", c.set))); diff != "" {
				t.Error(diff)
			}
			if got := readDisk(t, "flash.fd"); string(got) != string(c.flash) {
				t.Error("it has changed")
			}
		})
	}
}
