package supervise

import (
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
)

// startAll starts every room that waits for nothing any more. A start can end the
// waiting of another, so it looks again until nothing changes.
func (s *supervisor) startAll() error {
	for again := true; again; {
		again = false
		for i := range s.rooms {
			r := &s.rooms[i]
			if r.state != waiting {
				continue
			}
			ok, lost := s.mayStart(r)
			if !ok && lost == "" {
				continue
			}
			again = true
			if err := s.startOrGiveUp(i, lost); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *supervisor) startOrGiveUp(i int, lost string) error {
	if lost != "" {
		return s.giveUp(&s.rooms[i], fmt.Sprintf("it waits for room %s, which failed", lost))
	}
	return s.start(i)
}

// mayStart reports whether every room that r waits for is ready, or which of them
// never will be.
func (s *supervisor) mayStart(r *room) (ok bool, lost string) {
	for i := range r.After().Len() {
		switch before := &s.rooms[r.After().At(i)]; before.state {
		case failed:
			return false, string(before.Name())
		case ready, ended:
		default:
			return false, ""
		}
	}
	return true, ""
}

// Request ends the machine as somebody asked for, not as it failed.
type Request struct{ Action abi.FailureAction }

func (r *Request) Error() string { return fmt.Sprintf("a %v was asked for", r.Action) }

// stopAll stops the rooms, each after those that came after it. When none is left
// it returns the request.
func (s *supervisor) stopAll() error {
	left := 0
	for i := range s.rooms {
		r := &s.rooms[i]
		if !r.lives() {
			continue
		}
		left++
		if r.state == leaving || s.isNeeded(i) {
			continue
		}
		if err := s.leave(i); err != nil {
			return err
		}
	}
	if left == 0 {
		return s.stopping
	}
	return nil
}

// isNeeded reports whether a room that lives came after room i.
func (s *supervisor) isNeeded(i int) bool {
	for j := range s.rooms {
		r := &s.rooms[j]
		if !r.lives() {
			continue
		}
		for k := range r.After().Len() {
			if int(r.After().At(k)) == i {
				return true
			}
		}
	}
	return false
}
