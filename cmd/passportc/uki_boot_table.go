package main

import (
	"fmt"
	"io"

	"github.com/anchor-os/anchor/release/vm"
)

const tableRow = "%-*s  %-10s  %6s  %6s  %5s  %9s  %8s"

// showRooms prints what a console says of the named rooms, a row each, then what was not as a passport says, and
// where the time went. A room that makes no report, such as one with a program of others, has dashes.
func showRooms(w io.Writer, names []string, lines []vm.Line) {
	rooms := stateOf(names, lines)
	width := len("room")
	for _, room := range rooms {
		width = max(width, len(room.Name))
	}
	fmt.Fprintf(w, "\n"+tableRow+"\n", width, "room", "state", "grants", "denied", "wrong", "memory", "ready in")
	for _, room := range rooms {
		showRoom(w, width, room)
	}
	fmt.Fprintln(w)
	for _, room := range rooms {
		for _, fault := range room.Faults {
			fmt.Fprintf(w, "%s: %s\n", room.Name, fault)
		}
	}
	verdict, judged := findVerdict(lines)
	if !judged {
		return
	}
	fmt.Fprintf(w, "%d of %d rooms ready", verdict.ready, verdict.rooms)
	if phases, ok := vm.FindPhases(lines); ok {
		fmt.Fprintf(w, " %.1f s after QEMU's start: %v", (phases.Firmware + phases.Kernel + phases.Rooms).Seconds(), phases)
	}
	fmt.Fprintln(w)
}

func showRoom(w io.Writer, width int, room vm.Room) {
	grants, denied, wrong, memory, ready := "-", "-", "-", "-", "-"
	if room.Reported {
		grants, denied, wrong = fmt.Sprint(room.Grants), fmt.Sprint(room.Denials), fmt.Sprint(room.Wrong)
	}
	if room.Memory > 0 {
		memory = fmt.Sprintf("%.1f MiB", float64(room.Memory)/(1<<20))
	}
	if room.Ready > 0 {
		ready = fmt.Sprintf("%.2f s", room.Ready.Seconds())
	}
	fmt.Fprintf(w, tableRow, width, room.Name, room.State, grants, denied, wrong, memory, ready)
	if room.Reason != "" {
		fmt.Fprintf(w, "  %s", room.Reason)
	}
	fmt.Fprintln(w)
}
