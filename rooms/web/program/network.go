package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
)

// network is what the room has of the machine's: two ports, each for one direction, and what it listens on.
type network struct {
	upstream string       // address and port
	listener net.Listener // of port 8080
	urls     net.Listener // the socket open-url
}

const (
	port        = 8080
	interfaceIs = "eth0"
	resolvConf  = "/etc/resolv.conf" // in the image a link to /run/resolv.conf, which Bay0 writes
)

var loopback = [4]byte{127, 0, 0, 1}

func (n *network) probes() []probe.Probe {
	thing := "network host"
	return []probe.Probe{
		probe.Grant(thing, interfaceIs+" has an address", func() error { return interfaceAddress(unix.SIOCGIFADDR) }),
		probe.Grant(thing, resolvConf+" names a server", namesServer),
		probe.Grant("tcp bind 8080", "listen", n.listen),
		probe.Grant("tcp connect 443", "connect to "+n.upstream, n.connectUpstream),
		probe.Grant("socket open-url", "take it, listening, from its descriptor", n.takeSocket),

		probe.Deny(thing, "change the address of "+interfaceIs, func() error { return interfaceAddress(unix.SIOCSIFADDR) }, unix.EPERM),
		// Landlock judges ports, whatever the address: the loopback is the nearest.
		probe.Deny("tcp bind 8080", "bind port 8081", bindPort(8081), unix.EACCES),
		probe.Deny("tcp bind 8080", "bind port 443", bindPort(443), unix.EACCES),
		probe.Deny("tcp bind 8080", "bind any port", bindPort(0), unix.EACCES),
		probe.Deny("tcp connect 443", "connect to port 444", connectPort(444), unix.EACCES),
		probe.Deny("tcp connect 443", "connect to port 8080, its own", connectPort(port), unix.EACCES),
		// Seccomp: these would connect past Landlock.
		probe.Deny("tcp connect 443", "send with MSG_FASTOPEN to port 444", fastOpen(444), unix.EOPNOTSUPP),
		probe.Deny("tcp connect 443", "send with MSG_FASTOPEN to port 443", fastOpen(443), unix.EOPNOTSUPP),
		probe.Deny("socket", "AF_INET stream, MPTCP", probe.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP), unix.EPROTONOSUPPORT),
		probe.Deny("socket", "AF_INET stream, SCTP", probe.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_SCTP), unix.EPROTONOSUPPORT),
		probe.Deny("socket", "AF_INET datagram", probe.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0), unix.EPROTONOSUPPORT),
		probe.Deny("socket", "AF_INET raw", probe.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP), unix.EPROTONOSUPPORT),
		probe.Deny("sockets", "connect to secrets of vault-access", probe.ConnectUnix("/run/sockets/secrets"), unix.ENOENT),

		probe.Deny("devices", "open /dev/tpmrm0", probe.Open("/dev/tpmrm0", unix.O_RDWR), unix.ENOENT),
		probe.Deny("sockets", "a socket of another room in /run/sockets", probe.Open("/run/sockets", unix.O_RDONLY), unix.ENOENT),
	}
}

func (n *network) listen() (err error) {
	n.listener, err = net.Listen("tcp4", fmt.Sprintf("0.0.0.0:%d", port))
	return err
}

func (n *network) takeSocket() (err error) {
	n.urls, err = pid1.Listener("open-url")
	return err
}

// connectUpstream is right when the policy lets the connection go out: whether there is a machine at the
// other end is nothing that a policy could promise.
func (n *network) connectUpstream() error {
	upstream, err := netip.ParseAddrPort(n.upstream)
	if err != nil {
		return err
	}
	err = connect(&unix.SockaddrInet4{Addr: upstream.Addr().As4(), Port: int(upstream.Port())})
	if err == unix.EINPROGRESS || err == unix.ECONNREFUSED {
		return nil
	}
	return err
}

func connectPort(port int) func() error {
	return func() error { return connect(&unix.SockaddrInet4{Addr: loopback, Port: port}) }
}

// connect does not wait for the other side.
func connect(to unix.Sockaddr) error {
	return withSocket(unix.SOCK_NONBLOCK, func(fd int) error { return unix.Connect(fd, to) })
}

func bindPort(port int) func() error {
	return func() error {
		return withSocket(0, func(fd int) error { return unix.Bind(fd, &unix.SockaddrInet4{Addr: loopback, Port: port}) })
	}
}

func fastOpen(port int) func() error {
	return func() error {
		return withSocket(0, func(fd int) error {
			return unix.Sendto(fd, []byte("x"), unix.MSG_FASTOPEN, &unix.SockaddrInet4{Addr: loopback, Port: port})
		})
	}
}

func withSocket(flags int, use func(fd int) error) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|flags, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return use(fd)
}

// interfaceAddress asks for the interface's address, or sets it to what is no address (netdevice(7)).
func interfaceAddress(request uint) error {
	return withSocket(0, func(fd int) error {
		ifreq, err := unix.NewIfreq(interfaceIs)
		if err != nil {
			return err
		}
		if request == unix.SIOCSIFADDR {
			if err := ifreq.SetInet4Addr(make([]byte, 4)); err != nil {
				return err
			}
		}
		if err := unix.IoctlIfreq(fd, request, ifreq); err != nil {
			return err
		}
		if address, err := ifreq.Inet4Addr(); err != nil || net.IP(address).IsUnspecified() {
			return fmt.Errorf("found %v, %v", address, err)
		}
		return nil
	})
}

func namesServer() error {
	text, err := os.ReadFile(resolvConf)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if server, found := strings.CutPrefix(strings.TrimSpace(line), "nameserver "); found {
			_, err := netip.ParseAddr(server)
			return err
		}
	}
	return errors.New("found no nameserver")
}
