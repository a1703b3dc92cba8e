package supervise

import (
	"slices"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/invariant"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"golang.org/x/sys/unix"
)

// prove feeds the watchdog if the machine is still the one that was booted. What
// no evidence was found for ends it, and if that fails too, the hardware does.
func (s *supervisor) prove() error {
	return sys.InOrder([]func() error{
		func() error { return invariant.Check(s.machine.Policy) },
		s.machine.CheckReadOnly,
		func() error { _, _, err := s.ask(role.Message{Kind: role.Ping}); return err },
		s.dog.Feed, // a critical room that is not alive has ended the machine already
		s.settle,   // which the firmware may take its time to record
	})
}

// judge gives the verdict on the boot, once every room has come up or failed.
func (s *supervisor) judge() {
	undecided := func(r *room) bool { return !r.isUp() && r.state != failed }
	if s.judged || slices.ContainsFunc(s.rooms, undecided) {
		return
	}
	s.judged = true
	up := 0
	for _, r := range s.rooms {
		s.log.Say(`{"room":"%s","state":"%v","memory_kib":%d}`, r.Name(), r.state, launch.Memory(r.Room))
		if r.isUp() {
			up++
		}
	}
	took := sinceBoot()
	s.log.Say(`{"phase":"rooms","ms":%d,"ready":%d,"rooms":%d}`, (took - s.began).Milliseconds(), up, len(s.rooms))
	s.log.Say("verdict: %d of %d rooms ready, %.2f s after the kernel's start", up, len(s.rooms), took.Seconds())
}

// settle says once that the machine has settled: the policy's settle time has passed
// since its rooms came up, and none of those that decide has gone. Before a slot was
// promoted each does, so that nothing is promoted that lacks one. Later a room that is not
// critical can fail, be it for a disk that was taken out, and the machine stays the one
// that was promoted.
func (s *supervisor) settle() error {
	limit := milliseconds(s.machine.Policy.Settle())
	unsettled := func(r *room) bool {
		return (r.Critical() || s.tried) && (!r.isUp() || time.Since(r.since) < limit)
	}
	if s.settled || s.stopping != nil || sinceBoot()-s.began < limit || slices.ContainsFunc(s.rooms, unsettled) {
		return nil
	}
	s.settled = true
	s.log.Say("settled: what has to stay up has, for %v", limit)
	s.promote()
	return nil
}

// sinceBoot is the time since the kernel's clock began (clock_gettime(2)).
func sinceBoot() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) // every kernel has that clock
	return time.Duration(now.Nano())
}
