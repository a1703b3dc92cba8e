package check

import (
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy"
)

// whole is a rooms directory for the rules on more than one file. They look at
// whatever could be read, so that a fault in one room hides none between two
// others, and every one of them takes linear time.
type whole struct {
	system   *source.Value // nil: it could not be read
	names    []string      // of all rooms, sorted
	exists   map[string]bool
	rooms    map[string]*source.Value // passports of those that could be read
	complete bool                     // these are all, and have no fault by themselves
	meant    map[string]string        // by the name of no room: the hint
	faults   diag.List
}

func newWhole(tree *source.Tree, faultless bool) *whole {
	w := &whole{exists: map[string]bool{}, rooms: map[string]*source.Value{}, meant: map[string]string{}, complete: faultless}
	if tree.System != nil {
		w.system = tree.System.Root
	}
	for _, dir := range tree.Rooms {
		w.names = append(w.names, dir.Name)
		w.exists[dir.Name] = true
		if dir.Passport == nil {
			w.complete = false
			continue
		}
		w.rooms[dir.Name] = dir.Passport.Root
	}
	return w
}

// each calls f with every room that could be read, in order.
func (w *whole) each(f func(name string, passport *source.Value)) {
	for _, name := range w.names {
		if passport := w.rooms[name]; passport != nil {
			f(name, passport)
		}
	}
}

// named reports whether there is a room of the name that v gives, and says so if
// not. What cannot be a name was refused before.
func (w *whole) named(v *source.Value) bool {
	if w.exists[v.Text] || !policy.ValidRoomName(v.Text) {
		return w.exists[v.Text]
	}
	w.faults.Error(diag.RoomNotThere, v.Range, "there is no room "+diag.Quote(v.Text)).Hint = w.didYouMean(v.Text)
	return false
}

// mostMeant is how many names of no room get a hint. Each is compared with those of all
// rooms, and one file can name two thousand.
const mostMeant = 64

func (w *whole) didYouMean(room string) string {
	if _, known := w.meant[room]; !known && len(w.meant) < mostMeant {
		w.meant[room] = diag.DidYouMean(room, w.names)
	}
	return w.meant[room]
}

// place is where a room says who it is: the other end of a fault between two rooms.
func (w *whole) place(name string) diag.Range {
	passport := w.rooms[name]
	if v := textAt(passport, "room", "name"); v != nil {
		return v.Range
	}
	return passport.Range
}

// chainShown is how many links of a chain of rooms a message shows at each end.
const chainShown = 4

// chain writes a chain of rooms: a → b → c.
func chain(links []string) string {
	return strings.Join(ends(links, "…"), " → ")
}

// ends gives a list without its middle if it is long.
func ends[T any](all []T, middle ...T) []T {
	if len(all) <= 2*chainShown+1 {
		return all
	}
	short := append(all[:chainShown:chainShown], middle...)
	return append(short, all[len(all)-chainShown:]...)
}
