package vm

import (
	"fmt"
	"syscall"
)

// Forward leads a TCP port of the host's 127.0.0.1 to one of the machine's 10.0.2.15.
type Forward struct{ Host, Guest uint16 }

// networkArguments give the machine its one network card. The network behind it is QEMU's own
// (docs/system/devices/net.rst, "Using the user mode network stack"): 10.0.2.0/24, in which the machine
// is to be 10.0.2.15 and 10.0.2.2 plays the gateway. It is restricted: the machine reaches the echoes and
// nothing else, and only the forwarded ports reach it. Without an option ROM the firmware does not try to
// boot from the card.
func (m Machine) networkArguments() []string {
	network := "user,id=net,restrict=on,ipv6=off"
	for _, f := range m.Forward {
		network += fmt.Sprintf(",hostfwd=tcp:127.0.0.1:%d-10.0.2.15:%d", f.Host, f.Guest)
	}
	for _, address := range m.Echo {
		network += fmt.Sprintf(",guestfwd=tcp:%v-cmd:cat", address)
	}
	return []string{"-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="}
}

// FreePort finds a TCP port of 127.0.0.1 that is free, and keeps it until release is called: QEMU can
// listen there meanwhile, nobody else gets it by chance.
//
// A socket that is bound and does not listen keeps others that want any port away; one that also has
// SO_REUSEADDR, as QEMU's have, may bind to the same port (socket(7)).
func FreePort() (port uint16, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("cannot find a free port: %w", err)
	}
	release = func() { syscall.Close(fd) }
	if port, err = bindAnyPort(fd); err != nil {
		release()
		return 0, nil, fmt.Errorf("cannot find a free port: %w", err)
	}
	return port, release, nil
}

func bindAnyPort(fd int) (uint16, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	loopback := syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	if err := syscall.Bind(fd, &loopback); err != nil {
		return 0, err
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	return uint16(bound.(*syscall.SockaddrInet4).Port), nil
}
