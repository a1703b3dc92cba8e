package supervise

import (
	"errors"
	"fmt"
)

// startAll starts every room that waits for nothing any more.
func (s *supervisor) startAll() error {
	for i := 0; i < len(s.rooms); i++ {
		r := s.rooms[i]
		if r.state != waiting {
			continue
		}
		switch before := s.waitsFor(r); {
		case before == nil:
			if err := s.start(r); err != nil {
				return err
			}
		case before.state == failed:
			if err := s.giveUp(r, fmt.Sprintf("it waits for room %s, which failed", before.Name())); err != nil {
				return err
			}
			i = -1 // and others may wait for this one
		}
	}
	return nil
}

// waitsFor is the first room that must be up before r and is not; nil: there is none.
func (s *supervisor) waitsFor(r *room) *room {
	for i := range r.After().Len() {
		if before := s.rooms[r.After().At(i)]; !before.isUp() {
			return before
		}
	}
	return nil
}

// ErrRestart ends the machine because somebody asked for it, not as it failed.
var ErrRestart = errors.New("a reset was asked for")

// stopAll stops the rooms, each after those that came after it. When none is left
// it returns ErrRestart.
func (s *supervisor) stopAll() error {
	left := false
	for _, r := range s.rooms {
		if !r.lives() {
			continue
		}
		left = true
		if r.state == leaving || s.isNeeded(r) {
			continue
		}
		if err := s.leave(r); err != nil {
			return err
		}
	}
	if !left {
		return ErrRestart
	}
	return nil
}

// isNeeded reports whether a room that lives came after r.
func (s *supervisor) isNeeded(r *room) bool {
	for _, later := range s.rooms {
		for i := range later.After().Len() {
			if later.lives() && later.After().At(i) == r.number {
				return true
			}
		}
	}
	return false
}
