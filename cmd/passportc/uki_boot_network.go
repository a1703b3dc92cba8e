package main

import (
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/anchor-os/anchor/release/vm"
)

// defaultEcho is where the shipped room web looks for its upstream.
const defaultEcho = "10.0.2.100:443"

// network gives the machine what --forward and --echo say. It tells who is reached how, and holds the ports
// of this host until release.
func (o bootOptions) network(stdout io.Writer, m *vm.Machine) (release func(), err error) {
	if m.Echo, err = readEchoes(o.echoes); err != nil {
		return nil, err
	}
	for _, address := range m.Echo {
		fmt.Fprintf(stdout, "%v leads from the machine to a server here, which says back what it hears\n", address)
	}
	release = func() {}
	for _, text := range o.forwards {
		var f vm.Forward
		if n, err := fmt.Sscanf(text+"\n", "%d:%d\n", &f.Host, &f.Guest); n != 2 || err != nil || f.Guest == 0 {
			return nil, wrongValue("forward", text, "want HOST:GUEST, two port numbers, such as 8080:8080")
		}
		if f.Host == 0 {
			port, free, err := vm.FreePort()
			if err != nil {
				return nil, err
			}
			f.Host = port
			before := release
			release = func() { before(); free() }
		}
		fmt.Fprintf(stdout, "127.0.0.1:%d leads to port %d of the machine\n", f.Host, f.Guest)
		m.Forward = append(m.Forward, f)
	}
	return release, nil
}

func readEchoes(texts []string) (addresses []netip.AddrPort, err error) {
	if slices.Equal(texts, []string{"none"}) {
		return nil, nil
	}
	for _, text := range texts {
		address, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, wrongValue("echo", text, "want ADDRESS:PORT, such as "+defaultEcho+", or once none")
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}

func wrongValue(flag, value, hint string) error {
	return &usageError{&hinted{fmt.Errorf("--%s cannot be %q", flag, value), hint}}
}
