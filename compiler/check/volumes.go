package check

import (
	"fmt"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy"
)

// use is a volume in one room.
type use struct {
	room     string
	name     *source.Value
	writable bool
	shared   bool
}

// uses gives the volumes of all rooms by name, and the names in order.
func (w *whole) uses() (names []string, uses map[string][]use) {
	uses = map[string][]use{}
	w.each(func(room string, passport *source.Value) {
		for _, item := range itemsAt(passport, "filesystem", "volumes") {
			name := textAt(item, "name")
			if name == nil {
				continue
			}
			if uses[name.Text] == nil {
				names = append(names, name.Text)
			}
			uses[name.Text] = append(uses[name.Text], use{room, name, !says(item, "read-only"), says(item, "shared")})
		}
	})
	return names, uses
}

// says reports whether a table has true for a key.
func says(table *source.Value, key string) bool {
	v := table.Find(key)
	return v != nil && v.Kind == source.Bool && v.Bool
}

// joint reports whether several rooms use a volume and one of them can write to it.
func joint(uses []use) bool {
	several, writable := false, false
	for _, u := range uses {
		several = several || u.room != uses[0].room
		writable = writable || u.writable
	}
	return several && writable
}

// sharing refuses a volume that one room writes to and another uses, unless both
// say so.
func (w *whole) sharing(uses []use) {
	if !joint(uses) {
		return
	}
	for _, u := range uses {
		if u.shared {
			continue
		}
		other := uses[0]
		if other.room == u.room {
			other = uses[1]
		}
		d := w.faults.Error(diag.VolumeNotShared, u.name.Range, fmt.Sprintf("the volume %s is used by another room too", diag.Quote(u.name.Text)))
		d.Detail = "One of them can write to it, so what one does reaches the other. Then each says so."
		d.Hint = "write shared = true here, or read-only = true wherever it is used"
		d.Related = []diag.Related{{Message: other.room + " uses it", Range: other.name.Range}}
	}
}

// partitions holds the volumes against those that system.toml names.
func (w *whole) partitions(names []string, uses map[string][]use) {
	list := w.system.Find("data", "partitions")
	var known []string
	there := map[string]bool{}
	for _, v := range textsAt(w.system, "data", "partitions") {
		known = append(known, v.Text)
		there[v.Text] = true
		if uses[v.Text] == nil && w.complete && policy.ValidPartition(v.Text) {
			w.faults.Error(diag.PartitionUnused, v.Range, "no room uses the partition "+diag.Quote(v.Text)).
				Detail = "data.partitions names what the rooms' volumes lie on, and nothing else."
		}
	}
	for _, name := range names {
		if there[name] || !policy.ValidPartition(name) { // the latter was refused before
			continue
		}
		for _, u := range uses[name] {
			d := w.faults.Error(diag.PartitionNotThere, u.name.Range, "the machine has no partition "+diag.Quote(name))
			d.Detail = "A volume lies on one of the partitions that data.partitions in system.toml names."
			d.Hint = diag.DidYouMean(name, known)
			if list != nil {
				d.Related = []diag.Related{{Message: "the partitions", Range: list.Range}}
			}
		}
	}
}
