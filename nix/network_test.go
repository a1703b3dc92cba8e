package nix

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The host that answers, and the address that it gives for every name. Both are of a network that no machine
// has (RFC 5737).
const (
	answering = "198.51.100.1"
	named     = "198.51.100.80"
)

// networkRefusals are ways into the network, each with what it gives where there is one.
var networkRefusals = []refusal{
	unconnected("DNS in a derivation", named, `socket\.gaierror: \[Errno -3\] Temporary failure in name resolution`,
		`python3 -c 'import socket; print(socket.gethostbyname("anchor.test"))'`),
	unconnected("a query of DNS in a derivation", named, `OSError: \[Errno 101\] Network is unreachable`,
		`python3 -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0\6anchor\4test\0\0\1\0\1", ("198.51.100.1", 53)); print(socket.inet_ntoa(s.recv(512)[-4:]))'`),
	// Loopback, which is each sandbox's own, works.
	unconnected("TCP in a derivation", "connected", `OSError: \[Errno 101\] Network is unreachable`,
		`python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); socket.create_connection(s.getsockname()); print(socket.create_connection(("198.51.100.1", 80)).recv(9).decode())'`),
}

// unconnected is a script that works in a network, and does not in a derivation that is built in the same one:
// so it is the sandbox that refuses.
func unconnected(name, works, want, script string) refusal {
	return refusal{
		name: name, want: want, edit: said(script),
		whole: func(t *testing.T, l *lab) []string {
			connected(t)
			within := resolving(t)
			if got := strings.TrimSpace(l.must(t, l.tree, append(within, "sh", "-c", script)...)); got != works {
				t.Errorf("outside the sandbox it gives %q, want %q", got, works)
			}
			return append(within, l.call("build", "--no-link", "-L", ".#passports")...)
		},
	}
}

// connected puts the test, and what it starts from then on, into a network of its own, in which a host answers
// queries of DNS and TCP connections.
func connected(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // for good: a thread in another network must run nothing else
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("cannot make a network for the test: %v", err)
		}
	}
	check(unix.Unshare(unix.CLONE_NEWNET))
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	check(err)
	defer unix.Close(fd)
	up, err := unix.NewIfreq("lo")
	check(err)
	up.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	check(unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, up))
	address, err := unix.NewIfreq("lo:1")
	check(err)
	check(address.SetInet4Addr(net.ParseIP(answering).To4()))
	check(unix.IoctlIfreq(fd, unix.SIOCSIFADDR, address))

	udp, err := net.ListenPacket("udp4", answering+":53")
	check(err)
	tcp, err := net.Listen("tcp4", answering+":80")
	check(err)
	t.Cleanup(func() { udp.Close(); tcp.Close() })
	go resolve(udp)
	go accept(tcp)
}

// resolve answers each query with the one address, until it is closed (RFC 1035, section 4.1).
func resolve(udp net.PacketConn) {
	query := make([]byte, 512)
	for {
		n, from, err := udp.ReadFrom(query)
		if err != nil {
			return
		}
		name := bytes.IndexByte(query[min(n, 12):n], 0) // its end, behind the header
		if name < 0 || n < 12+name+5 {
			continue
		}
		reply := slices.Clone(query[:12+name+5])                       // with type and class
		copy(reply[2:], []byte{0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0})    // no error, one question, one answer
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4) // of the name at 12 the address
		udp.WriteTo(append(reply, net.ParseIP(named).To4()...), from)
	}
}

// accept greets each connection, until it is closed.
func accept(tcp net.Listener) {
	for {
		conn, err := tcp.Accept()
		if err != nil {
			return
		}
		conn.Write([]byte("connected"))
		conn.Close()
	}
}

// resolving is what runs a command where names are asked of that host.
func resolving(t *testing.T) []string {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver "+answering+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return []string{"unshare", "--mount", "--propagation", "private", "sh", "-euc", `mount --bind "$0" /etc/resolv.conf; exec "$@"`, file}
}
