// Command twins is the program of rooms that show what they are: it carries out a list of probes that
// `passportc probes` has derived from the room's policy, and says what came of each.
//
//	twins LIST [ACT...]
//
// LIST is the room as JSON. Of each probe there is one line, such as "twin 7 neighbour EROFS", and at the end
// one with their numbers. Then the program does what else it is told, says that it is ready if it may, and
// stays. The acts are
//
//	quiet         say nothing of a probe that comes out as the list wants it
//	listen PORT   listen on 127.0.0.1
//	abstract NAME listen under an abstract name of AF_UNIX (unix(7))
//	unblock       leave the first socket of the room non-blocking
//	shut          shut the first socket of the room down, for what would be read from it
//	fail          end with status 1, before it says that it is ready
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
	"golang.org/x/sys/unix"
)

// room is one of the rooms that `passportc probes --format json` gives.
type room struct {
	Twins []struct{ Granted, Neighbour *task }
}

type task struct {
	Kind string
	Args []string
	Want []string
}

func main() {
	descriptors := probe.Begin()
	signals := pid1.Signals()
	if err := run(descriptors, os.Args[1:]); err != nil {
		fmt.Println("twins:", err)
		os.Exit(1)
	}
	pid1.WaitForEnd(signals)
}

func run(descriptors, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which list?")
	}
	var list room
	content, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return err
	}
	list.perform(probe.Performer{Descriptors: descriptors}, slices.Contains(args, "quiet"))
	if err := act(args[1:]); err != nil {
		return err
	}
	if os.Getenv("NOTIFY_SOCKET") != "" {
		if err := pid1.Notify("READY=1"); err != nil {
			return err
		}
	}
	return nil
}

// firstSocket is where inherited sockets begin (sd_listen_fds(3)).
const firstSocket = 3

func act(args []string) error {
	for i, a := range args {
		var err error
		switch {
		case a == "listen" && i+1 < len(args):
			_, err = net.Listen("tcp4", "127.0.0.1:"+args[i+1])
		case a == "abstract" && i+1 < len(args):
			_, err = net.Listen("unix", "@"+args[i+1])
		case a == "unblock":
			err = unix.SetNonblock(firstSocket, true)
		case a == "shut":
			err = unix.Shutdown(firstSocket, unix.SHUT_RD)
		case a == "fail":
			os.Exit(1)
		}
		if err != nil {
			return fmt.Errorf("cannot %s: %w", a, err)
		}
	}
	return nil
}

func (r room) perform(by probe.Performer, quiet bool) {
	tried, wrong := 0, 0
	for i, t := range r.Twins {
		for _, half := range []struct {
			name string
			*task
		}{{"granted", t.Granted}, {"neighbour", t.Neighbour}} {
			if half.task == nil {
				continue
			}
			tried++
			got := by.Perform(half.Kind, half.Args)
			if slices.Contains(half.Want, got) {
				if quiet {
					continue
				}
			} else {
				wrong++
			}
			fmt.Println("twin", i, half.name, got)
		}
	}
	fmt.Printf("twins: %d tried, %d not as the policy says\n", tried, wrong)
}
