package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/release/vm"
)

// outcome is the error of a run: nil if all rooms became ready, and nothing but Ctrl-C ended it.
func outcome(rooms []string, result vm.Result, err error) error {
	verdict, judged := findVerdict(result.Lines)
	seconds := result.After.Seconds()
	switch {
	case errors.Is(err, context.Canceled) && !judged:
		return errors.New("cannot wait for the verdict: interrupted")
	case err != nil && !errors.Is(err, context.Canceled):
		return err
	case err == nil && result.Ending == vm.Timeout:
		return &hinted{fmt.Errorf("cannot wait any longer: no verdict on the rooms after %.1f s (%s)", seconds, notReady(rooms, result.Lines)),
			"give it more time with --timeout, or look at all it says with --console -"}
	case err == nil && result.Ending != vm.Matched:
		err := fmt.Errorf("cannot keep the machine up: it ended by %v after %.1f s", result.Ending, seconds)
		if refusal := refusal(result.Lines); refusal != "" {
			return &hinted{err, "Bay0 said: " + refusal}
		}
		return err
	case verdict.ready != verdict.rooms:
		return fmt.Errorf("cannot bring all rooms up: %d of %d (%s)", verdict.ready, verdict.rooms, notReady(rooms, result.Lines))
	}
	return nil
}

// notReady says of each room that has not become ready why.
func notReady(rooms []string, lines []vm.Line) string {
	var all []string
	for _, room := range stateOf(rooms, lines) {
		switch {
		case room.State == vm.Ready || room.State == vm.Ended:
		case room.Reason == "":
			all = append(all, fmt.Sprintf("%s %s", room.Name, room.State))
		default:
			all = append(all, fmt.Sprintf("%s %s: %s", room.Name, room.State, room.Reason))
		}
	}
	return strings.Join(all, "; ")
}

// silent is the state of a room of which Bay0 has said nothing: it waits for others, or starts.
const silent vm.State = "not ready"

// stateOf is what a console says of each of the rooms.
func stateOf(rooms []string, lines []vm.Line) []vm.Room {
	heard := vm.Rooms(lines)
	all := make([]vm.Room, 0, len(rooms))
	for _, name := range rooms {
		room := vm.Room{Name: name}
		if i := slices.IndexFunc(heard, func(r vm.Room) bool { return r.Name == name }); i >= 0 {
			room = heard[i]
		}
		room.State = cmp.Or(room.State, silent)
		all = append(all, room)
	}
	return all
}

type counts struct{ ready, rooms int }

func findVerdict(lines []vm.Line) (c counts, ok bool) {
	for _, line := range lines {
		if c.ready, c.rooms, ok = line.Verdict(); ok {
			return c, true
		}
	}
	return counts{}, false
}

// refusal is the reason for which Bay0 has given up, or "".
func refusal(lines []vm.Line) (reason string) {
	for _, line := range lines {
		if source, text, _ := line.Message(); source == "bay0" && strings.HasPrefix(text, "refused: ") {
			reason = text
		}
	}
	return reason
}
