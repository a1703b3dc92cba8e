package check

import "github.com/anchor-os/anchor/compiler/source"

// What CUE refused may still be of any kind and lack any key. The rules in Go look
// at what there is through these functions and keep quiet about the rest.

// textAt is the text at a path of keys and list indices, nil if there is none.
func textAt(v *source.Value, path ...string) *source.Value {
	if found := v.Find(path...); found != nil && found.Kind == source.String {
		return found
	}
	return nil
}

// itemsAt gives the items of the list at a path.
func itemsAt(v *source.Value, path ...string) []*source.Value {
	if found := v.Find(path...); found != nil {
		return found.Items
	}
	return nil
}

// textsAt gives the texts in the list at a path.
func textsAt(v *source.Value, path ...string) (all []*source.Value) {
	for _, item := range itemsAt(v, path...) {
		if item.Kind == source.String {
			all = append(all, item)
		}
	}
	return all
}
