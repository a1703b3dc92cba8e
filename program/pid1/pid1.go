// Package pid1 is what a room's program owes its room and its machine: to say when it is ready, to take
// the sockets that it was given, to reap and to end. The program is pid 1 of its namespace, with the duties
// that pid 1 has everywhere.
package pid1

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Notify sends one message to the machine, such as READY=1 (sd_notify(3)).
func Notify(message string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return errors.New("NOTIFY_SOCKET is not set")
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Sendto(fd, []byte(message), 0, &unix.SockaddrUnix{Name: path})
}

// firstSocket is where the inherited sockets begin (sd_listen_fds(3), SD_LISTEN_FDS_START).
const firstSocket = 3

// Listener is the listening socket that the passport calls name. It is inherited: LISTEN_FDS says how
// many there are, LISTEN_FDNAMES what they are called, LISTEN_PID for whom they are.
func Listener(name string) (net.Listener, error) {
	if pid, err := strconv.Atoi(os.Getenv("LISTEN_PID")); err != nil || pid != os.Getpid() {
		return nil, fmt.Errorf("cannot take socket %s: LISTEN_PID is %q", name, os.Getenv("LISTEN_PID"))
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	i := slices.Index(names, name)
	if n, err := strconv.Atoi(os.Getenv("LISTEN_FDS")); err != nil || n != len(names) || i < 0 {
		return nil, fmt.Errorf("cannot take socket %s: LISTEN_FDS is %q, LISTEN_FDNAMES %q",
			name, os.Getenv("LISTEN_FDS"), os.Getenv("LISTEN_FDNAMES"))
	}
	file := os.NewFile(uintptr(firstSocket+i), name)
	defer file.Close() // the listener has a copy, which no child inherits
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("cannot take socket %s: %w", name, err)
	}
	return listener, nil
}

// PeerUser is the user at the other end of an AF_UNIX connection, as the kernel knows it.
func PeerUser(connection net.Conn) (uint32, error) {
	socket, ok := connection.(*net.UnixConn)
	if !ok {
		return 0, fmt.Errorf("cannot tell the user at the other end of %T", connection)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, err
	}
	var credentials *unix.Ucred
	if controlErr := raw.Control(func(fd uintptr) {
		credentials, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); controlErr != nil {
		return 0, controlErr
	}
	if err != nil {
		return 0, err
	}
	return credentials.Uid, nil
}

// Signals asks for those that pid 1 has to handle. It gets no other than those it asked for, SIGTERM
// included: ask before saying READY=1.
func Signals() <-chan os.Signal {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGTERM, unix.SIGCHLD)
	return signals
}

// WaitForEnd returns on SIGTERM. Until then it reaps: every orphan of the room becomes pid 1's child.
func WaitForEnd(signals <-chan os.Signal) {
	for s := range signals {
		if s == unix.SIGTERM {
			return
		}
		for {
			if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
