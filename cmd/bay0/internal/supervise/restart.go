package supervise

import (
	"fmt"
	"time"

	"github.com/anchor-os/anchor/policy/abi"
)

// hasFailed starts a room again if its policy says so.
func (s *supervisor) hasFailed(i int, reason string) error {
	if s.rooms[i].Restart().Mode == abi.RestartNever {
		return s.giveUp(&s.rooms[i], reason)
	}
	return s.startAgain(i, reason)
}

// startAgain waits before the next start, twice as long as the last time.
func (s *supervisor) startAgain(i int, reason string) error {
	r := &s.rooms[i]
	restart := r.Restart()
	if r.tries == restart.Limit {
		return s.giveUp(r, fmt.Sprintf("%s, after %d restarts in a row", reason, r.tries))
	}
	delay := backOff(restart, r.tries)
	r.tries++
	s.log.Say("room %s: %s; restart %d in %v", r.Name(), reason, r.tries, delay)
	r.enter(resting)
	s.after(delay, i, startDue)
	return nil
}

// backOff doubles the delay with every try, up to the longest.
func backOff(r abi.Restart, tries uint32) time.Duration {
	delay := uint64(r.Delay)
	for range tries {
		if delay >= uint64(r.DelayMax) {
			break
		}
		delay *= 2
	}
	return time.Duration(min(delay, uint64(r.DelayMax))) * time.Millisecond
}

// giveUp leaves a room failed. The machine goes on only without a room that its
// policy can do without.
func (s *supervisor) giveUp(r *room, reason string) error {
	r.enter(failed)
	if err := r.kill(); err != nil {
		return err
	}
	if r.Critical() {
		return fmt.Errorf("critical room %s failed: %s", r.Name(), reason)
	}
	s.log.Say("room %s: failed: %s", r.Name(), reason)
	return nil
}
