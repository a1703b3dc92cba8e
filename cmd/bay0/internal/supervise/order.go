package supervise

import (
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/policy/abi"
)

// order has the rooms know each other.
func order(rooms []*room) {
	for _, r := range rooms {
		for i := range r.After().Len() {
			before := rooms[r.After().At(i)]
			r.before, before.later = append(r.before, before), append(before.later, r)
		}
	}
}

// startAll starts every room that waits for nothing any more.
func (s *supervisor) startAll() error {
	for _, r := range s.rooms {
		switch i := slices.IndexFunc(r.before, func(b *room) bool { return !b.isUp() }); {
		case r.state != waiting:
		case i < 0:
			if err := s.start(r); err != nil {
				return err
			}
		case r.before[i].state == failed:
			if err := s.giveUp(r, fmt.Sprintf("it waits for room %s, which failed", r.before[i].Name())); err != nil {
				return err
			}
			return s.startAll() // others may wait for this one
		}
	}
	return nil
}

// Asked is what ends the machine when somebody asked for it, and nothing failed.
type Asked abi.FailureAction

func (a Asked) Error() string { return fmt.Sprintf("a %v was asked for", abi.FailureAction(a)) }

// stopAll stops the rooms, each after those that came after it. When none is left
// it returns what was asked for.
func (s *supervisor) stopAll() error {
	if len(s.asked) == 0 && !slices.ContainsFunc(s.rooms, (*room).lives) {
		return s.stopping
	}
	for _, r := range s.rooms {
		if r.lives() && r.state != leaving && !slices.ContainsFunc(r.later, (*room).lives) {
			if err := s.leave(r); err != nil {
				return err
			}
		}
	}
	return nil
}
