package supervise

import (
	"fmt"
	"time"

	"github.com/anchor-os/anchor/policy/abi"
)

// startAgain starts a room again if its policy says so, after twice as long as the last
// time.
func (s *supervisor) startAgain(r *room, reason string) error {
	restart := r.Restart()
	if restart.Mode == abi.RestartNever {
		return s.giveUp(r, reason)
	}
	if r.tries == restart.Limit {
		return s.giveUp(r, fmt.Sprintf("%s, after %d restarts in a row", reason, r.tries))
	}
	delay := backOff(restart, r.tries)
	r.tries++
	s.log.Say("room %s: %s; restart %d in %v", r.Name(), reason, r.tries, delay)
	r.enter(resting)
	s.after(delay, r, startDue)
	return nil
}

// backOff doubles the delay with every try, up to the longest, which has 32 bits.
func backOff(r abi.Restart, tries uint32) time.Duration {
	return milliseconds(uint32(min(uint64(r.Delay)<<min(tries, 32), uint64(r.DelayMax))))
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
