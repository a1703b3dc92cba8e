// Command web is the program of the room web, which alone is in the machine's network. It greets over HTTP,
// and takes URLs from other rooms over its socket open-url. Before that it uses each thing that the room's
// passport grants, tries the nearest thing that it does not grant, and reports both, a line each. Only when
// every grant worked and every neighbour was refused as expected does it say READY=1. Whether its upstream
// answers it says too, but is ready without: that is no matter of the policy.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
)

var room = probe.Room{
	Name: "web",
	ID:   10001,
	Exec: []string{"/bin/web", "--greeting", "hello", "--upstream", "10.0.2.100:443"},
	Environment: []string{"HOME=/tmp", "LANG=C.UTF-8", "LISTEN_FDNAMES=open-url", "LISTEN_FDS=1", "LISTEN_PID=1",
		"NOTIFY_SOCKET=/run/notify"},
	Sockets: 1,
	Mounts:  []string{"/tmp"},
	Tmpfs:   probe.Tmpfs{Path: "/tmp", Size: 4 << 20},
	Memory:  32 << 20,
	Tasks:   32,
	Files:   256,
}

func main() {
	descriptors := probe.Begin()
	greeting := flag.String("greeting", "", "what GET / answers")
	upstream := flag.String("upstream", "", "address and port of the server behind it")
	flag.Parse()

	own := network{upstream: *upstream}
	probe.Prove(room.Essentials(descriptors), own.probes(), probe.Families(), room.Exhaustive())
	fmt.Println("upstream:", askUpstream(*upstream, *greeting))
	signals := pid1.Signals()
	if err := pid1.Notify("READY=1"); err != nil {
		fail("cannot say READY=1:", err)
	}
	go func() { fail(greet(own.listener, *greeting)) }()
	go func() { fail(pid1.Serve(own.urls, takeURL)) }()
	pid1.WaitForEnd(signals)
}

func fail(message ...any) {
	fmt.Println(message...)
	os.Exit(1)
}
