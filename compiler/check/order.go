package check

import (
	"fmt"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// order refuses rooms that wait for each other in a circle. It starts, so to say,
// every room that waits for none that is left. From one that cannot be started,
// whoever goes on to the first room that it waits for, and so on, walks in a circle.
func (w *whole) order() {
	waits := w.waits()
	left := startAll(waits)
	next := func(name string) *source.Value {
		for _, v := range waits[name] {
			if left[v.Text] {
				return v
			}
		}
		return nil // never for a room that is left
	}
	seen := map[string]string{} // by room: where the walk that came to it began
	for _, start := range w.names {
		at := start
		for left[at] && seen[at] == "" {
			seen[at] = start
			at = next(at).Text
		}
		if left[at] && seen[at] == start {
			w.circle(at, next)
		}
	}
}

// waits gives by room what it says of other rooms that there are to wait for.
func (w *whole) waits() map[string][]*source.Value {
	waits := map[string][]*source.Value{}
	w.each(func(name string, passport *source.Value) {
		for _, v := range textsAt(passport, "room", "after") {
			if w.named(v) && v.Text != name {
				waits[name] = append(waits[name], v)
			}
		}
	})
	return waits
}

// startAll gives the rooms that can never start.
func startAll(waits map[string][]*source.Value) map[string]bool {
	count := map[string]int{}          // of the rooms that a room still waits for
	followers := map[string][]string{} // the rooms that wait for a room
	left := map[string]bool{}
	for name, on := range waits {
		count[name], left[name] = len(on), true
		for _, v := range on {
			followers[v.Text] = append(followers[v.Text], name)
		}
	}
	var started []string
	for name := range followers {
		if !left[name] {
			started = append(started, name)
		}
	}
	for len(started) > 0 {
		name := started[len(started)-1]
		started = started[:len(started)-1]
		for _, follower := range followers[name] {
			if count[follower]--; count[follower] == 0 {
				delete(left, follower)
				started = append(started, follower)
			}
		}
	}
	return left
}

// circle words the circle that starts and ends at a room.
func (w *whole) circle(start string, next func(string) *source.Value) {
	names := []string{start}
	var places []diag.Related
	for at := start; ; {
		v := next(at)
		places = append(places, diag.Related{Message: fmt.Sprintf("%s waits for %s", at, v.Text), Range: v.Range})
		names = append(names, v.Text)
		if at = v.Text; at == start {
			break
		}
	}
	d := w.faults.Error(diag.WaitsInCircle, places[0].Range, "rooms wait for each other in a circle: "+chain(names))
	d.Detail = "None of them would ever start."
	d.Related = ends(places[1:])
}
