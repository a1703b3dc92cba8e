package probe

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var loopback = [4]byte{127, 0, 0, 1}

// openSocket passes its numbers on as they are, high halves included.
func openSocket(family, kind, protocol uintptr) error {
	fd, _, errno := unix.Syscall(unix.SYS_SOCKET, family, kind, protocol)
	if errno != 0 {
		return errno
	}
	return unix.Close(int(fd))
}

// with opens a socket for one try.
func with(family, kind int, try func(fd int) error) error {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return try(fd)
}

func connectTCP(port int) error {
	return with(unix.AF_INET, unix.SOCK_STREAM, func(fd int) error {
		return unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: loopback})
	})
}

func bindTCP(port int) error {
	return with(unix.AF_INET, unix.SOCK_STREAM, func(fd int) error {
		return unix.Bind(fd, &unix.SockaddrInet4{Port: port})
	})
}

func sendTo(kind, flags, port int) error {
	return with(unix.AF_INET, kind, func(fd int) error {
		return unix.Sendto(fd, []byte("x"), flags|unix.MSG_NOSIGNAL, &unix.SockaddrInet4{Port: port, Addr: loopback})
	})
}

func connectUnix(kind int, name string) error {
	return with(unix.AF_UNIX, kind, func(fd int) error { return unix.Connect(fd, &unix.SockaddrUnix{Name: name}) })
}

// isSocket wants a descriptor to be a socket of a type that blocks, and listens if such sockets do.
func isSocket(fd, kind int) error {
	found, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return err
	}
	listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	if err != nil {
		return err
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	if flags&unix.O_NONBLOCK != 0 {
		return fmt.Errorf("found it non-blocking")
	}
	if found != kind || (kind != unix.SOCK_DGRAM) != (listens == 1) {
		return fmt.Errorf("found type %d, listens %d", found, listens)
	}
	return nil
}
