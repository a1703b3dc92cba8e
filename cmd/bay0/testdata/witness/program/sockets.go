package main

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/anchor-os/anchor/program/pid1"
)

const (
	letters = "/run/sockets/letters" // datagrams
	packets = "/run/sockets/packets" // a connection that is cut into messages
)

// serve says each letter that it hears, and gives each packet back.
func serve(string) error {
	box, err := letterBox()
	if err != nil {
		return err
	}
	listener, err := pid1.Listener("packets")
	if err != nil {
		return err
	}
	go hear(box)
	return pid1.Serve(listener, echo)
}

// letterBox is the datagram socket, by the order of its name among the room's sockets (sd_listen_fds(3)).
func letterBox() (net.PacketConn, error) {
	place := slices.Index(strings.Split(os.Getenv("LISTEN_FDNAMES"), ":"), "letters")
	if place < 0 {
		return nil, fmt.Errorf("LISTEN_FDNAMES is %q", os.Getenv("LISTEN_FDNAMES"))
	}
	return net.FilePacketConn(os.NewFile(uintptr(3+place), "letters"))
}

func hear(box net.PacketConn) {
	for {
		var letter [64]byte
		n, _, err := box.ReadFrom(letter[:])
		if err != nil {
			fmt.Println("cannot hear letters:", err)
			return
		}
		fmt.Printf("letter: %q\n", letter[:n])
	}
}

// echo gives each packet back. Two are orders: "give" gets an open file with it, and "end" ends the room. A
// packet that comes with a descriptor is written there instead.
func echo(connection net.Conn) {
	user, err := pid1.PeerUser(connection)
	fmt.Println("packets: from uid", user, err)
	for {
		packet, received, err := receive(connection)
		if len(packet) == 0 || err != nil {
			return
		}
		switch {
		case received != nil:
			received.Write(packet)
			received.Close()
		case string(packet) == "give":
			give(connection)
		case string(packet) == "end":
			os.Exit(3)
		default:
			connection.Write(packet)
		}
	}
}

// post sends two letters, which arrive as two.
func post() error { return send("one", "and another") }

func send(all ...string) error {
	connection, err := net.Dial("unixgram", letters)
	if err != nil {
		return err
	}
	defer connection.Close()
	for _, letter := range all {
		if _, err := connection.Write([]byte(letter)); err != nil {
			return err
		}
	}
	return nil
}

// dial connects to packets, for so long.
func dial(patience time.Duration) (net.Conn, error) {
	connection, err := net.Dial("unixpacket", packets)
	if err == nil {
		err = connection.SetDeadline(time.Now().Add(patience))
	}
	return connection, err
}

// exchange sends two packets before it hears the first of them again.
func exchange(patience time.Duration) error {
	connection, err := dial(patience)
	if err != nil {
		return err
	}
	defer connection.Close()
	sent := []string{"one", "and another"}
	for _, packet := range sent {
		if _, err := connection.Write([]byte(packet)); err != nil {
			return err
		}
	}
	for _, want := range sent {
		var packet [64]byte
		n, err := connection.Read(packet[:])
		if err != nil {
			return err
		}
		if got := string(packet[:n]); got != want {
			return fmt.Errorf("heard %q, expected %q", got, want)
		}
	}
	return nil
}
