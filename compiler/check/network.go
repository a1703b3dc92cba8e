package check

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// network holds the machine's network against the rooms that are in it.
func (w *whole) network() {
	var modes []*source.Value
	w.each(func(_ string, passport *source.Value) {
		if v := networked(passport); v != nil {
			modes = append(modes, v)
		}
	})
	network := w.system.Find("network")
	switch {
	case network == nil && len(modes) > 0:
		d := w.faults.Error(diag.NetworkMissing, modes[0].Range, "the machine has no network")
		d.Detail = "A room with network.mode \"host\" is in the machine's network, which [network] in system.toml describes."
		d.Hint = "add [network] with interface, address and gateway to system.toml, or write mode = \"none\""
		d.Related = []diag.Related{{Message: "without [network]", Range: w.system.Range}}
		for _, v := range modes[1:min(budgetShown, len(modes))] {
			d.Related = append(d.Related, diag.Related{Message: "another room that needs it", Range: v.Range})
		}
	case network != nil && len(modes) == 0 && w.complete:
		w.faults.Error(diag.NetworkUnused, network.Range, "no room is in the machine's network").
			Detail = "A machine that no room needs a network of is safer without. It is for rooms with network.mode \"host\"."
	}
}

// ports refuses two rooms that bind one TCP port: both are in the machine's network,
// and only the first that starts would get it.
func (w *whole) ports() {
	type use struct {
		passport, port *source.Value
	}
	seen := map[int64]use{}
	w.each(func(_ string, passport *source.Value) {
		bind := passport.Find("network", "bind")
		if networked(passport) == nil || bind == nil {
			return
		}
		for _, v := range bind.Items {
			first, taken := seen[v.Int]
			if v.Kind != source.Integer || !taken || first.passport == passport {
				seen[v.Int] = use{passport, v}
				continue
			}
			d := w.faults.Error(diag.PortTaken, v.Range, fmt.Sprintf("TCP port %d is taken", v.Int))
			d.Detail = "Rooms with network.mode \"host\" share the machine's addresses, so each port is bound by one room at most."
			d.Related = []diag.Related{{Message: "bound first", Range: first.port.Range}}
		}
	})
}

// networked gives the place that puts a room into the machine's network, or nil.
func networked(passport *source.Value) *source.Value {
	if v := textAt(passport, "network", "mode"); v != nil && v.Text == "host" {
		return v
	}
	return nil
}

// addresses judges those of the machine's network, each by itself and against its
// own. What has not the form of one was refused before.
func addresses(file *source.File) (faults diag.List) {
	refuse := func(reason string, path ...string) {
		v := file.Root.Find(path...)
		faults.Error(diag.UnusableAddress, v.Range, show(file.Root, path)+" cannot be "+diag.Quote(v.Text)).
			Detail = "Not usable: " + reason + "."
	}
	own := prefixOf(textAt(file.Root, "network", "address"))
	if reason := unusable(own.Addr(), own); reason != "" {
		refuse(reason, "network", "address")
		own = netip.Prefix{} // it tells nothing about the others
	}
	gateway := addressOf(textAt(file.Root, "network", "gateway"))
	switch reason := unusable(gateway, own); {
	case reason != "":
		refuse(reason, "network", "gateway")
	case !gateway.IsValid() || !own.IsValid():
	case gateway == own.Addr():
		refuse("it is the machine's own address", "network", "gateway")
	case !own.Contains(gateway):
		refuse(fmt.Sprintf("the machine cannot reach it, since it lies outside its network %v", own.Masked()), "network", "gateway")
	}
	for i, v := range itemsAt(file.Root, "network", "nameservers") {
		if reason := unusable(addressOf(v), own); reason != "" {
			refuse(reason, "network", "nameservers", strconv.Itoa(i))
		}
	}
	return faults
}

// addressOf is the IPv4 address that v gives, the zero Addr if it gives none.
func addressOf(v *source.Value) netip.Addr {
	if v == nil {
		return netip.Addr{}
	}
	if a, err := netip.ParseAddr(v.Text); err == nil && a.Is4() {
		return a
	}
	return netip.Addr{}
}

// prefixOf is the IPv4 address with its network that v gives, invalid if it gives
// none or a network of fewer than two machines.
func prefixOf(v *source.Value) netip.Prefix {
	if v == nil {
		return netip.Prefix{}
	}
	if p, err := netip.ParsePrefix(v.Text); err == nil && p.Addr().Is4() && p.Bits() <= 30 {
		return p
	}
	return netip.Prefix{}
}

// unusable tells why no machine can have an IPv4 address, in a network if that is
// valid (RFC 6890; RFC 1122, 3.2.1.3). It is "" if one can, and for the zero Addr.
func unusable(a netip.Addr, network netip.Prefix) string {
	if !a.IsValid() {
		return ""
	}
	switch first := a.As4()[0]; {
	case first == 0 || first >= 224:
		return "it is no address of a single machine"
	case a.IsLoopback():
		return "it never leaves the machine that asks"
	case network.IsValid() && a == network.Masked().Addr():
		return "it stands for the network itself"
	case network.IsValid() && a == last(network):
		return "it stands for all machines of the network"
	}
	return ""
}

// last is the highest address of an IPv4 network, its broadcast address.
func last(network netip.Prefix) netip.Addr {
	bytes := network.Masked().Addr().As4()
	for bit := network.Bits(); bit < 32; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(bytes)
}
