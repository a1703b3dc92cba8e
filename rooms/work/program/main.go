// Command work is the program of the room work, which has files that outlive it and gets a secret from the
// room vault-access. It counts its own starts in a file, says so in the log, and waits for SIGTERM. Like
// every room here it first tries what it may do and what it may not.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
)

var room = probe.Room{
	Name:        "work",
	ID:          10002,
	Exec:        []string{"/bin/work"},
	Environment: []string{"NOTIFY_SOCKET=/run/notify"},
	Channels:    1,
	Mounts:      []string{data},
	Files:       64,
}

func main() {
	descriptors := probe.Begin()
	own := probes{}
	probe.Prove(room.Essentials(descriptors), probe.NoNetwork(), own.list())
	fmt.Println("boots:", own.boots)
	fmt.Printf("secret: sha256:%x\n", sha256.Sum256([]byte(own.secret))) // the secret itself is nobody else's

	signals := pid1.Signals()
	if err := pid1.Notify("READY=1"); err != nil {
		fmt.Println("cannot say READY=1:", err)
		os.Exit(1)
	}
	pid1.WaitForEnd(signals)
}
