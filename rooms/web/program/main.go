// Command web is the program of the room web. It uses each thing that the room's passport grants, tries
// the nearest thing that it does not grant, and reports both, a line each. Only when every grant worked
// and every neighbour was refused as expected does it say READY=1; then it waits for SIGTERM.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"slices"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		child(os.Args[2])
		return
	}
	if os.Getuid() == 0 {
		fmt.Println("this is no room: the program runs as root, and its probes would go through")
		os.Exit(1)
	}
	leaked := openAtStart() // before anything of ours opens a file
	keepSpareThreads(8)

	probes := slices.Concat(identity(leaked), files(), network(), system(), resources())
	if wrong := report(os.Stdout, probes); wrong > 0 {
		os.Exit(1)
	}
	if err := notify("READY=1"); err != nil {
		fmt.Println("cannot say READY=1:", err)
		os.Exit(1)
	}
	waitForEnd()
}

// waitForEnd returns on SIGTERM. Until then it reaps: the program is pid 1 of its namespace, so every
// orphan becomes its child, and nobody but itself ends it on a signal that it did not ask for.
func waitForEnd() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGTERM, unix.SIGCHLD)
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
