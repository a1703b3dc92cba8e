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
	if len(os.Args) == 3 && os.Args[1] == "child" {
		child(os.Args[2])
		return
	}
	if os.Getuid() == 0 {
		fail("this is no room: the program runs as root, and its probes would go through")
	}
	leaked := openAtStart() // before anything of ours opens a file
	probes := slices.Concat(identity(leaked), files(), network(), system(), resources())
	if wrong := report(os.Stdout, probes); wrong > 0 {
		os.Exit(1)
	}

	// Pid 1 of a namespace gets only signals that it asked for: ask before anybody could send one.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGTERM, unix.SIGCHLD)
	if err := notify("READY=1"); err != nil {
		fail("cannot say READY=1:", err)
	}
	waitForEnd(signals)
}

// waitForEnd returns on SIGTERM. Until then it reaps: every orphan of the room becomes pid 1's child.
func waitForEnd(signals <-chan os.Signal) {
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

func fail(message ...any) {
	fmt.Println(message...)
	os.Exit(1)
}
