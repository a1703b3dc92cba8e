// Command twins is the program of rooms that show what they are: it carries out a list of probes that
// `passportc probes` has derived from the room's policy, and says what came of each.
//
//	twins LIST [quiet] [listen PORT]
//
// LIST is the room as JSON. Of each probe there is one line, such as "twin 7 neighbour EROFS"; quiet leaves
// out those that are as the list wants them. Then there is a line with their numbers, the program listens on
// PORT, says that it is ready if it may, and stays.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
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
	if i := slices.Index(args, "listen"); i >= 0 && i+1 < len(args) {
		if _, err := net.Listen("tcp4", "127.0.0.1:"+args[i+1]); err != nil {
			return err
		}
	}
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return nil
	}
	return pid1.Notify("READY=1")
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
