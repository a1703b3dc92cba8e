package lower

import (
	"slices"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/policy"
)

// channels numbers the sockets of all rooms and the devices that the kernel makes
// for root alone, in the order of their names, sockets first. The number is a
// group: whoever is in it may connect, or use the device.
func channels(rooms []check.Room) map[string]uint32 {
	var sockets, devices []string
	for _, r := range rooms {
		for _, s := range r.Sockets {
			sockets = append(sockets, s.Name)
		}
		for _, d := range r.Devices {
			devices = append(devices, d.Path)
		}
	}
	slices.Sort(sockets)
	slices.Sort(devices)
	gids := map[string]uint32{}
	for _, name := range slices.Concat(sockets, slices.Compact(devices)) {
		gids[name] = policy.MinChannel + uint32(len(gids))
	}
	return gids
}

// sockets are those that the room provides.
func (m *machine) sockets(r check.Room) []policy.Socket {
	var all []policy.Socket
	for _, s := range r.Sockets {
		all = append(all, policy.Socket{
			Name: s.Name, Path: policy.SocketSource(r.Name, s.Name), Type: s.Type, GID: m.channels[s.Name],
		})
	}
	return all
}

// groups are the channels of the sockets that the room connects to, and of its
// devices.
func (m *machine) groups(r check.Room) []uint32 {
	var gids []uint32
	for _, d := range r.Devices {
		gids = append(gids, m.channels[d.Path])
	}
	for _, c := range r.Connects {
		gids = append(gids, m.channels[c.Socket])
	}
	slices.Sort(gids)
	return gids
}

// channelBinds show the room the sockets that it connects to.
func channelBinds(r check.Room) []policy.Bind {
	var all []policy.Bind
	for _, c := range r.Connects {
		all = append(all, policy.Bind{
			Target: policy.SocketTarget(c.Socket), Source: policy.SocketSource(c.Room, c.Socket),
			Attributes: inert, Kind: policy.KindSocket,
		})
	}
	return all
}
