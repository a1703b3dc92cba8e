package lock

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/jsontree"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// Bill is a bill of materials; the package's comment has its form.
type Bill struct {
	versions map[string]string
	Faults   diag.List
}

// needed are the names that every bill has.
var needed = []string{"kernel", "stub", "go", "squashfs-tools"}

var (
	materialForm = lazyregexp.New(`^[a-z][a-z0-9.+-]{0,99}$`)
	versionForm  = lazyregexp.New(`^[0-9A-Za-z][!-~]{0,99}$`)
)

// ReadBill reads a bill of materials.
func ReadBill(name string, text []byte) *Bill {
	b := &Bill{versions: map[string]string{}}
	v, faults := jsontree.Read(name, text)
	if b.Faults = faults; faults.HasErrors() {
		return b
	}
	if v.Kind != jsontree.Object {
		b.Faults.Error(diag.BillForm, v.Place, fmt.Sprintf("the bill is %s, want an object", v.Kind))
		return b
	}
	for _, f := range v.Fields {
		switch {
		case !materialForm.MatchString(f.Name):
			b.Faults.Error(diag.BillForm, f.Key, fmt.Sprintf("%s is no name of a material", diag.Quote(f.Name))).
				Detail = "Names are letters in lower case, digits and . + -, of which the first is a letter."
		case f.Value.Kind != jsontree.String || !versionForm.MatchString(f.Value.Text):
			b.Faults.Error(diag.BillForm, f.Value.Place, fmt.Sprintf("the version of %s is no text of up to 100 printable ASCII characters", diag.Quote(f.Name)))
		default:
			b.versions[f.Name] = f.Value.Text
		}
	}
	if missing := slices.DeleteFunc(slices.Clone(needed), func(name string) bool { return v.Get(name) != nil }); len(missing) > 0 {
		b.Faults.Error(diag.BillForm, v.Place.Source.Range(v.Place.Start, v.Place.Start+1), "the bill does not name "+diag.Or(missing)).
			Detail = "Every bill names " + strings.Join(needed, ", ") + "."
	}
	return b
}

// CompareBills adds the materials whose version changed.
func (d *Delta) CompareBills(old, new *Bill) {
	names := maps.Clone(old.versions)
	maps.Copy(names, new.versions)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if was, is := old.state(name), new.state(name); was == nil || is == nil || *was != *is {
			d.add(Change{In: inBill, Name: name, Old: was, New: is}, nil)
		}
	}
}

func (b *Bill) state(name string) *State {
	if version, there := b.versions[name]; there {
		return &State{Version: version}
	}
	return nil
}
