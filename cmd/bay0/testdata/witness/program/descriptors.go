package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// receive takes a packet and the descriptor that came with it, if one did (unix(7), SCM_RIGHTS).
func receive(connection net.Conn) (packet []byte, file *os.File, err error) {
	packet, control := make([]byte, 64), make([]byte, unix.CmsgSpace(4))
	n, c, _, _, err := connection.(*net.UnixConn).ReadMsgUnix(packet, control)
	if err != nil {
		return nil, nil, err
	}
	messages, err := unix.ParseSocketControlMessage(control[:c])
	if err != nil || len(messages) == 0 {
		return packet[:n], nil, err
	}
	descriptors, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(descriptors) != 1 {
		return nil, nil, fmt.Errorf("found %d descriptors: %v", len(descriptors), err)
	}
	return packet[:n], os.NewFile(uintptr(descriptors[0]), "received"), nil
}

func sendWith(connection net.Conn, packet string, file *os.File) error {
	_, _, err := connection.(*net.UnixConn).WriteMsgUnix([]byte(packet), unix.UnixRights(int(file.Fd())), nil)
	return err
}

// give sends a file of this room's volume, open to be read.
func give(connection net.Conn) {
	shared, err := os.Open(file)
	if err == nil {
		err = sendWith(connection, "file", shared)
		shared.Close()
	}
	if err != nil {
		fmt.Println("cannot give:", err)
	}
}

// handOver sends one end of a pipe, and hears at the other what the other room writes there.
func handOver() error {
	connection, err := dial(5 * time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	heard, said, err := os.Pipe()
	if err != nil {
		return err
	}
	defer heard.Close()
	err = sendWith(connection, "through the pipe", said)
	said.Close()
	if err != nil {
		return err
	}
	heard.SetReadDeadline(time.Now().Add(5 * time.Second))
	text, err := io.ReadAll(heard)
	if err == nil && string(text) != "through the pipe" {
		err = fmt.Errorf("heard %q", text)
	}
	return err
}

// takeFile asks for an open file, and reads it.
func takeFile() error {
	connection, err := dial(5 * time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := connection.Write([]byte("give")); err != nil {
		return err
	}
	_, file, err := receive(connection)
	if err != nil {
		return err
	}
	if file == nil {
		return errors.New("no descriptor came")
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err == nil && string(text) != content {
		err = fmt.Errorf("found %q", text)
	}
	return err
}

// end ends the room at the other end of packets, and waits until it has: nobody is left who could take what
// comes next but its next start.
func end() error {
	connection, err := dial(time.Minute)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := connection.Write([]byte("end")); err != nil {
		return err
	}
	if n, err := connection.Read(make([]byte, 1)); n != 0 || err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, unix.ECONNRESET) {
		return fmt.Errorf("heard %d bytes: %v", n, err)
	}
	return nil
}
