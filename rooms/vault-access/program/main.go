// Command vault-access is the program of the room vault-access: it alone talks to the TPM. It hands one
// secret, which the TPM derives, to whoever connects to its socket secrets; who may,
// the passport says. Like every room here it first tries what it may do and what it may not.
package main

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"

	"github.com/google/go-tpm/tpm2/transport/linuxtpm"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
)

var room = probe.Room{
	Name: "vault-access",
	ID:   10003,
	Exec: []string{"/bin/vault-access"},
	Environment: []string{"LISTEN_FDNAMES=secrets", "LISTEN_FDS=1", "LISTEN_PID=1",
		"NOTIFY_SOCKET=/run/notify"},
	Channels: 1, // the TPM's
	Sockets:  1,
	Files:    64,
}

func main() {
	descriptors := probe.Begin()
	tpm, err := linuxtpm.Open("/dev/tpmrm0")
	if err != nil {
		fail("cannot open the TPM:", err)
	}
	own := probes{tpm: tpm}
	probe.Prove(room.Essentials(descriptors), probe.NoNetwork(), own.list())

	signals := pid1.Signals()
	if err := pid1.Notify("READY=1"); err != nil {
		fail("cannot say READY=1:", err)
	}
	go func() { fail(pid1.Serve(own.secrets, answerWith(hex.EncodeToString(own.secret)))) }()
	pid1.WaitForEnd(signals)
}

// answerWith gives every connection the same line. Who may connect is not decided here: the socket's group
// and the client's passport did.
func answerWith(line string) func(net.Conn) {
	return func(connection net.Conn) {
		user, _ := pid1.PeerUser(connection)
		if _, err := fmt.Fprintln(connection, line); err != nil {
			fmt.Printf("secrets: cannot answer uid %d: %v\n", user, err)
			return
		}
		fmt.Printf("secrets: answered uid %d\n", user)
	}
}

func fail(message ...any) {
	fmt.Println(message...)
	os.Exit(1)
}
