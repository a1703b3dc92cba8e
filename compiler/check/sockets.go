package check

import (
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy"
)

// maxSockets is how many channel groups there are: every socket has its own.
const maxSockets = policy.MaxChannel - policy.MinChannel + 1

// socketID tells sockets apart even where two have the same name.
type socketID struct{ room, name string }

// offer is a socket that a room provides.
type offer struct {
	socketID
	place   diag.Range // of its clients
	clients []*source.Value
	lets    map[string]bool // those clients
}

// ask is what a room connects to.
type ask struct {
	socketID
	client       string
	room, socket *source.Value
}

// link is a socket between two rooms that both name it.
type link struct {
	*offer
	client *source.Value // its entry in the offer
}

// sockets refuses those that only one side names, and gives the others.
func (w *whole) sockets() (links []link) {
	offers, asks := w.offers(), w.asks()
	asked := map[socketID]map[string]bool{} // by which clients
	for _, a := range asks {
		if asked[a.socketID] == nil {
			asked[a.socketID] = map[string]bool{}
		}
		asked[a.socketID][a.client] = true
	}
	offered := map[socketID]*offer{}
	for _, o := range offers {
		offered[o.socketID] = o
		for _, v := range o.clients {
			switch {
			case !w.named(v), v.Text == o.room, w.rooms[v.Text] == nil:
			case asked[o.socketID][v.Text]:
				links = append(links, link{o, v})
			default:
				w.notAsked(o, v)
			}
		}
	}
	for _, a := range asks {
		o := offered[a.socketID]
		switch {
		case !w.named(a.room), a.socketID.room == a.client, w.rooms[a.room.Text] == nil:
		case o == nil:
			w.notOffered(a)
		case !o.lets[a.client]:
			w.notLet(a, o)
		}
	}
	return links
}

// offers gives the sockets that rooms provide, if they have a name. No two have
// the same.
func (w *whole) offers() (all []*offer) {
	taken := map[string]*source.Value{}
	w.each(func(room string, passport *source.Value) {
		for _, item := range itemsAt(passport, "socket") {
			name := textAt(item, "name")
			if name == nil || !policy.ValidRoomName(name.Text) {
				continue
			}
			if first := taken[name.Text]; first != nil {
				d := w.faults.Error(diag.SocketTaken, name.Range, "the socket name "+diag.Quote(name.Text)+" is taken")
				d.Detail = "Sockets are told apart by their names, so no two on the machine share one."
				d.Related = []diag.Related{{Message: "used first", Range: first.Range}}
				continue
			}
			taken[name.Text] = name
			all = append(all, newOffer(room, name, item))
			if len(all) == maxSockets+1 {
				w.faults.Error(diag.TooManySockets, name.Range, fmt.Sprintf("the rooms provide more than %d sockets", maxSockets)).
					Detail = "A policy holds no more: each has a group number of its own."
			}
		}
	})
	return all
}

func newOffer(room string, name, item *source.Value) *offer {
	o := &offer{socketID{room, name.Text}, name.Range, textsAt(item, "clients"), map[string]bool{}}
	if list := item.Find("clients"); list != nil {
		o.place = list.Range
	}
	for _, v := range o.clients {
		o.lets[v.Text] = true
	}
	return o
}

func (w *whole) asks() (all []ask) {
	w.each(func(client string, passport *source.Value) {
		for _, item := range itemsAt(passport, "connect") {
			room, socket := textAt(item, "room"), textAt(item, "socket")
			if room != nil && socket != nil && policy.ValidRoomName(socket.Text) {
				all = append(all, ask{socketID{room.Text, socket.Text}, client, room, socket})
			}
		}
	})
	return all
}

const bothSides = "Both sides of a socket name each other, so that neither reaches the other unasked."

func (w *whole) notAsked(o *offer, client *source.Value) {
	d := w.faults.Error(diag.SocketOneSided, client.Range, fmt.Sprintf("the room %s does not connect to the socket %s", diag.Quote(client.Text), diag.Quote(o.name)))
	d.Detail = bothSides
	d.Hint = fmt.Sprintf("write [[connect]] with room = %s and socket = %s there, or take it from the clients here", diag.Quote(o.room), diag.Quote(o.name))
	d.Related = []diag.Related{{Message: "that room", Range: w.place(client.Text)}}
}

func (w *whole) notLet(a ask, o *offer) {
	d := w.faults.Error(diag.SocketOneSided, a.socket.Range, fmt.Sprintf("the socket %s has no client %s", diag.Quote(o.name), diag.Quote(a.client)))
	d.Detail = bothSides
	d.Hint = fmt.Sprintf("add %s to the clients there, or remove this [[connect]]", diag.Quote(a.client))
	d.Related = []diag.Related{{Message: "its clients", Range: o.place}}
}

func (w *whole) notOffered(a ask) {
	var names []string
	for _, item := range itemsAt(w.rooms[a.room.Text], "socket") {
		if v := textAt(item, "name"); v != nil {
			names = append(names, v.Text)
		}
	}
	if slices.Contains(names, a.socket.Text) {
		return // it does, but another room did so first
	}
	d := w.faults.Error(diag.SocketNotThere, a.socket.Range, fmt.Sprintf("the room %s provides no socket %s", diag.Quote(a.room.Text), diag.Quote(a.socket.Text)))
	d.Detail = bothSides
	d.Hint = diag.DidYouMean(a.socket.Text, names)
	d.Related = []diag.Related{{Message: "that room", Range: w.place(a.room.Text)}}
}
