package probe

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/pid1"
)

// notifications is what every room can talk to: Bay0's notify socket, and itself.
func notifications() []Probe {
	return []Probe{
		Grant("notify socket", "send STATUS=", func() error { return pid1.Notify("STATUS=trying what is granted") }),
		Grant("socket AF_UNIX", "a pair, there and back", pair),

		// Landlock scopes abstract names; in a network of the room's own nobody listens under one either.
		Deny("socket AF_UNIX", "connect to the abstract name of another", ConnectUnix("@bay0"), unix.ECONNREFUSED, unix.EPERM),
	}
}

// NoNetwork is what a room with network mode none lacks. Its network namespace is new: the loopback in it
// is all there is, and it is down.
func NoNetwork() []Probe {
	const dirty = 1 << 32 // the kernel reads the low half only; a filter that reads all is fooled
	return []Probe{
		Deny("network", "an interface besides lo", foreignInterfaces, ErrAbsent),
		Deny("socket", "AF_INET stream", Socket(unix.AF_INET, unix.SOCK_STREAM, 0), unix.EAFNOSUPPORT),
		Deny("socket", "AF_INET datagram", Socket(unix.AF_INET, unix.SOCK_DGRAM, 0), unix.EAFNOSUPPORT),
		Deny("socket", "AF_INET with a dirty high half",
			Call(unix.SYS_SOCKET, dirty|unix.AF_INET, unix.SOCK_STREAM, 0), unix.EAFNOSUPPORT),
	}
}

// Families are those that no passport can grant. Seccomp answers as a kernel without them.
func Families() []Probe {
	var probes []Probe
	for _, s := range []struct {
		name         string
		family, kind int
	}{
		{"AF_INET6 stream", unix.AF_INET6, unix.SOCK_STREAM},
		{"AF_NETLINK", unix.AF_NETLINK, unix.SOCK_RAW},
		{"AF_PACKET", unix.AF_PACKET, unix.SOCK_RAW},
		{"AF_VSOCK", unix.AF_VSOCK, unix.SOCK_STREAM},
		{"AF_ALG", unix.AF_ALG, unix.SOCK_SEQPACKET},
		{"AF_BLUETOOTH", unix.AF_BLUETOOTH, unix.SOCK_RAW},
		{"AF_SMC", unix.AF_SMC, unix.SOCK_STREAM},
	} {
		probes = append(probes, Deny("socket", s.name, Socket(s.family, s.kind, 0), unix.EAFNOSUPPORT))
	}
	return probes
}

// Socket makes a socket, and closes it.
func Socket(family, kind, protocol int) func() error {
	return func() error { return openSocket(uintptr(family), uintptr(kind|unix.SOCK_CLOEXEC), uintptr(protocol)) }
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

// ConnectUnix connects to the stream socket at a path, or with an abstract name after "@".
func ConnectUnix(name string) func() error {
	return func() error { return connectUnix(unix.SOCK_STREAM, name) }
}

// foreignInterfaces reads /proc/self/net/dev: two lines of heading, then an interface a line.
func foreignInterfaces() error {
	all, err := os.ReadFile("/proc/self/net/dev")
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(all)), "\n")
	if len(lines) < 2 {
		return fmt.Errorf("found no heading in /proc/self/net/dev")
	}
	var foreign []string
	for _, line := range lines[2:] {
		if interfaceName, _, _ := strings.Cut(strings.TrimSpace(line), ":"); interfaceName != "lo" {
			foreign = append(foreign, interfaceName)
		}
	}
	return absent(foreign)
}
