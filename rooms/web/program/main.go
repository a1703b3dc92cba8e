// Command web is the program of the room web. It uses each thing that the room's passport grants, tries
// the nearest thing that it does not grant, and reports both, a line each. Only when every grant worked
// and every neighbour was refused as expected does it say READY=1; then it waits for SIGTERM.
package main

import (
	"fmt"
	"os"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
)

var room = probe.Room{
	Name:        "web",
	ID:          10001,
	Exec:        []string{"/bin/web", "--greeting", "hello"},
	Environment: []string{"HOME=/tmp", "LANG=C.UTF-8", "NOTIFY_SOCKET=/run/notify"},
	Mounts:      []string{"/tmp"},
	Tmpfs:       probe.Tmpfs{Path: "/tmp", Size: 8 << 20},
	Memory:      64 << 20,
	Tasks:       32,
	Files:       256,
}

func main() {
	descriptors := probe.Begin()
	probe.Prove(room.Essentials(descriptors), probe.NoNetwork(), probe.Families(), room.Exhaustive())
	signals := pid1.Signals()
	if err := pid1.Notify("READY=1"); err != nil {
		fmt.Println("cannot say READY=1:", err)
		os.Exit(1)
	}
	pid1.WaitForEnd(signals)
}
