package check

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/anchor-os/anchor/policy/abi"
)

// This file gives what a room is granted beyond itself: the machine's network,
// disk and devices, and other rooms.

var restarts = map[string]abi.RestartMode{
	"never": abi.RestartNever, "on-failure": abi.RestartOnFailure, "always": abi.RestartAlways,
}

var socketTypes = map[string]abi.SocketType{
	"stream": abi.SocketStream, "datagram": abi.SocketDatagram, "seqpacket": abi.SocketSeqPacket,
}

// network is what system.toml says of it. Its addresses were judged, so they are
// what these functions parse.
func network(r reader) *Network {
	if !r.has("network") {
		return nil
	}
	n := &Network{Interface: r.text("network.interface")}
	n.Address, _ = netip.ParsePrefix(r.text("network.address"))
	n.Gateway, _ = netip.ParseAddr(r.text("network.gateway"))
	for _, text := range r.texts("network.nameservers") {
		server, _ := netip.ParseAddr(text)
		n.Nameservers = append(n.Nameservers, server)
	}
	return n
}

func capabilities(r reader) []string {
	var all []string
	for _, path := range r.each("capabilities.allow") {
		all = append(all, r.text(path+".capability"))
	}
	return sorted(all)
}

func volumes(r reader) []Volume {
	var all []Volume
	for _, path := range r.each("filesystem.volumes") {
		all = append(all, Volume{r.text(path + ".name"), r.text(path + ".path"), r.bool(path + ".read-only")})
	}
	slices.SortFunc(all, func(a, b Volume) int { return cmp.Compare(a.Path, b.Path) })
	return all
}

func (l *language) deviceNodes(classes []string) []Device {
	var all []Device
	for _, class := range classes {
		for _, n := range l.devices[class] {
			all = append(all, Device(n))
		}
	}
	slices.SortFunc(all, func(a, b Device) int { return cmp.Compare(a.Path, b.Path) })
	return all
}

func sockets(r reader) []Socket {
	var all []Socket
	for _, path := range r.each("socket") {
		all = append(all, Socket{r.text(path + ".name"), socketTypes[r.text(path+".type")], sorted(r.texts(path + ".clients"))})
	}
	slices.SortFunc(all, func(a, b Socket) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func connects(r reader) []Connect {
	var all []Connect
	for _, path := range r.each("connect") {
		all = append(all, Connect{r.text(path + ".room"), r.text(path + ".socket")})
	}
	slices.SortFunc(all, func(a, b Connect) int { return cmp.Compare(a.Socket, b.Socket) })
	return all
}
