package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// network is what the room can talk to: Bay0's notify socket, itself, and nobody else.
func network() []probe {
	probes := []probe{
		granted("notify socket", "send STATUS=", func() error { return notify("STATUS=trying what is granted") }),
		granted("socket AF_UNIX", "a pair, there and back", pair),

		// The network namespace is new: the loopback in it is all there is, and it is down.
		denied("network", "an interface besides lo", foreignInterfaces, errAbsent),
		// Nobody listens under an abstract name in the room's own namespace.
		denied("socket AF_UNIX", "connect to the abstract name of another", connectAbstract, unix.ECONNREFUSED, unix.EPERM),
	}
	// Seccomp: a family that is not listed is one that this kernel seems not to have.
	for _, s := range []struct {
		name         string
		family, kind int
	}{
		{"AF_INET stream", unix.AF_INET, unix.SOCK_STREAM},
		{"AF_INET datagram", unix.AF_INET, unix.SOCK_DGRAM},
		{"AF_INET raw", unix.AF_INET, unix.SOCK_RAW},
		{"AF_INET6 stream", unix.AF_INET6, unix.SOCK_STREAM},
		{"AF_NETLINK", unix.AF_NETLINK, unix.SOCK_RAW},
		{"AF_PACKET", unix.AF_PACKET, unix.SOCK_RAW},
		{"AF_VSOCK", unix.AF_VSOCK, unix.SOCK_STREAM},
		{"AF_ALG", unix.AF_ALG, unix.SOCK_SEQPACKET},
		{"AF_BLUETOOTH", unix.AF_BLUETOOTH, unix.SOCK_RAW},
	} {
		probes = append(probes, denied("socket", s.name, socket(s.family, s.kind), unix.EAFNOSUPPORT))
	}
	// The high half of a 32-bit argument is not part of it: a filter must not look there.
	const dirty = 1 << 32
	return append(probes, denied("socket", "AF_INET with a dirty high half",
		call(unix.SYS_SOCKET, dirty|unix.AF_INET, unix.SOCK_STREAM, 0), unix.EAFNOSUPPORT))
}

func socket(family, kind int) func() error {
	return func() error {
		fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

func pair() error {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	for i := range ends {
		if _, err := unix.Write(ends[i], []byte("x")); err != nil {
			return err
		}
		if _, err := unix.Read(ends[1-i], make([]byte, 1)); err != nil {
			return err
		}
	}
	return nil
}

// notify sends one datagram to the socket that NOTIFY_SOCKET names.
func notify(message string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return fmt.Errorf("NOTIFY_SOCKET is not set")
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Sendto(fd, []byte(message), 0, &unix.SockaddrUnix{Name: path})
}

func connectAbstract() error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Connect(fd, &unix.SockaddrUnix{Name: "@bay0"})
}

// foreignInterfaces reads /proc/self/net/dev: two lines of heading, then an interface a line.
func foreignInterfaces() error {
	all, err := os.ReadFile("/proc/self/net/dev")
	if err != nil {
		return err
	}
	var foreign []string
	for _, line := range strings.Split(strings.TrimSpace(string(all)), "\n")[2:] {
		if interfaceName, _, _ := strings.Cut(strings.TrimSpace(line), ":"); interfaceName != "lo" {
			foreign = append(foreign, interfaceName)
		}
	}
	return absent(foreign)
}
