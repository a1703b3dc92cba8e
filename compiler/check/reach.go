package check

import (
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// reach is what leads from room to room. Open files go through a socket both ways,
// and whoever can read a file that another room writes can be led by it: nothing
// here has a direction.
type reach map[string][]step

// step leads to a room or a volume.
type step struct {
	to    string
	over  string // the socket between two rooms; "" to and from a volume
	grant string // what grants it, and where
	place diag.Range
}

func (r reach) join(a, b string, s step) {
	for from, to := range map[string]string{a: b, b: a} {
		s.to = to
		r[from] = append(r[from], s)
	}
}

func (w *whole) reach(links []link, volumes []string, uses map[string][]use) reach {
	r := reach{}
	for _, l := range links {
		socket := "socket " + diag.Quote(l.name)
		r.join(l.room, l.client.Text, step{over: socket, grant: socket, place: l.client.Range})
	}
	for _, name := range volumes {
		if !joint(uses[name]) {
			continue
		}
		volume := "volume " + diag.Quote(name)
		for _, u := range uses[name] {
			r.join(u.room, volume, step{grant: volume, place: u.name.Range})
		}
	}
	return r
}

// arrival is how the network comes to a room or volume.
type arrival struct {
	step         // the way back
	count int    // of steps from the network
	early string // where it was after wayShown of them, if there are more
}

// wayShown is how many steps of a way are looked up at each end: more than a message
// shows. Whoever went all of it for each room would take the square of their number.
const wayShown = 2 * chainShown

// vault refuses a vault that the network can reach from room to room.
func (w *whole) vault(r reach) {
	came := map[string]arrival{} // by room or volume
	var queue []string
	w.each(func(name string, passport *source.Value) {
		if networked(passport) != nil {
			came[name] = arrival{}
			queue = append(queue, name)
		}
	})
	for ; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		for _, s := range r[from] {
			if _, ok := came[s.to]; !ok {
				queue = append(queue, s.to)
				came[s.to] = came[from].next(from, s)
			}
		}
	}
	w.each(func(name string, passport *source.Value) {
		vault := passport.Find("vault")
		if vault != nil && came[name].count > 0 {
			w.inReach(name, vault, came)
		}
	})
}

// next goes a step further than a, which arrived at from.
func (a arrival) next(from string, s step) arrival {
	if a.count == wayShown {
		a.early = from
	}
	s.to = from
	return arrival{s, a.count + 1, a.early}
}

// inReach words the way from the network to a room with the vault.
func (w *whole) inReach(name string, vault *source.Value, came map[string]arrival) {
	way := []string{name}
	var places []diag.Related
	for back := came[name]; back.count > 0; back = came[back.to] {
		if back.over != "" {
			way = append(way, back.over)
		}
		if back.early != "" && len(places) == wayShown {
			back.to = back.early // the middle is not shown
		}
		way = append(way, back.to)
		places = append(places, diag.Related{Message: back.grant, Range: back.place})
	}
	first := way[len(way)-1]
	places = append(places, diag.Related{Message: first + " is in the network", Range: networked(w.rooms[first]).Range})
	slices.Reverse(way)
	slices.Reverse(places)
	d := w.faults.Error(diag.VaultInReach, vault.Range, "the network can reach the vault: "+chain(way))
	d.Detail = "Open files go through a socket both ways, and a volume carries what one room wants another to read. " +
		"So whoever breaks into the first room can go on to the last."
	d.Hint = "cut the way at one of the places above"
	d.Related = ends(places)
}
