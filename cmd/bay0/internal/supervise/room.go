package supervise

import (
	"fmt"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// state of a room. From resting it goes back to starting; ended and failed are
// for good.
type state uint8

const (
	waiting  state = iota // for other rooms
	starting              // its process runs, and is not ready
	ready
	resting // before it is started again
	ended   // as it should, and is not started again
	failed  // and is not started again
)

// room is a room as the supervisor sees it.
type room struct {
	blob.Room
	state    state
	run      int             // counts its starts
	pid      int             // 0: no process
	process  *launch.Process // nil: none
	answered bool            // its stage has
	confined bool            // its stage has said so
	status   unix.WaitStatus // of the process, once it has been reaped
	since    time.Time       // when its state began
	timer    *time.Timer     // of the start timeout or the next start; nil: none yet
	tries    uint32          // restarts in a row
	output   *klog.Stream    // what it prints, over all its starts
	reason   string          // why it was stopped, if it was
}

func (r *room) enter(s state) { r.state, r.since = s, time.Now() }

func (r *room) startTimeout() time.Duration {
	return time.Duration(r.StartTimeout()) * time.Millisecond
}

func (s *supervisor) start(i int) error {
	r := &s.rooms[i]
	r.run++
	r.answered, r.confined, r.reason = false, false, ""
	r.enter(starting)
	p, err := s.launcher.Start(i)
	if err != nil {
		return s.hasFailed(i, err.Error())
	}
	r.pid, r.process = p.PID, p
	go r.output.Copy(p.Log)
	run := r.run
	go func() { s.events <- event{room: i, run: run, kind: hasAnswer, answer: p.Await()} }()
	if p.Notify != nil {
		go waitReady(p.Notify, r.UID(), func() { s.events <- event{room: i, run: run, kind: saysReady} })
	}
	s.after(r.startTimeout(), i, isLate)
	return nil
}

// hasAnswered is called when the stage has become the room's program, has given
// the reason why not, or has died without one.
func (s *supervisor) hasAnswered(i int, a launch.Answer) error {
	r := &s.rooms[i]
	r.answered, r.confined = true, a.Confined
	if r.reason == "" {
		r.reason = a.Reason
	}
	switch {
	case r.pid == 0:
		return s.hasEnded(i)
	case r.reason != "":
		return launch.Kill(r.Room)
	case a.Running && !r.Notify() && r.state == starting:
		s.becomeReady(r)
	}
	return nil
}

func (s *supervisor) becomeReady(r *room) {
	s.log.Say("room %s: ready in %d ms", r.Name(), time.Since(r.since).Milliseconds())
	r.enter(ready)
}

// stop kills a room. What follows is decided when its process has been reaped.
func (s *supervisor) stop(r *room, reason string) error {
	r.reason = reason
	return launch.Kill(r.Room)
}

// wasReaped takes the status of the room's process. If its stage's answer is still
// on its way, the reason is in it.
func (s *supervisor) wasReaped(i int, status unix.WaitStatus) error {
	r := &s.rooms[i]
	r.pid, r.status = 0, status
	if !r.answered {
		return nil
	}
	return s.hasEnded(i)
}

// hasEnded decides what follows. The kernel has killed what else was in the
// program's pid namespace by now (pid_namespaces(7)).
func (s *supervisor) hasEnded(i int) error {
	r := &s.rooms[i]
	r.process.Close()
	if r.timer != nil {
		r.timer.Stop()
	}
	if r.state == ready && time.Since(r.since) > time.Duration(r.Restart().DelayMax)*time.Millisecond {
		r.tries = 0 // it was up for longer than any delay: not in a row
	}
	// A room that need not say that it is ready can end before anybody looked.
	ran := r.state == ready || r.confined && !r.Notify()
	well := ran && r.status.Exited() && r.status.ExitStatus() == 0
	switch {
	case r.reason != "":
		return s.hasFailed(i, r.reason)
	case !well:
		return s.hasFailed(i, describe(r.status))
	case r.Critical():
		return s.giveUp(r, describe(r.status))
	case r.Restart().Mode == policy.RestartAlways:
		return s.startAgain(i, describe(r.status))
	}
	r.enter(ended)
	s.log.Say("room %s: %s", r.Name(), describe(r.status))
	return nil
}

// hasFailed starts a room again if its policy says so.
func (s *supervisor) hasFailed(i int, reason string) error {
	if s.rooms[i].Restart().Mode == policy.RestartNever {
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
func backOff(r policy.Restart, tries uint32) time.Duration {
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
	if err := launch.Kill(r.Room); err != nil {
		return err
	}
	if r.Critical() {
		return fmt.Errorf("critical room %s failed: %s", r.Name(), reason)
	}
	s.log.Say("room %s: failed: %s", r.Name(), reason)
	return nil
}

func describe(w unix.WaitStatus) string {
	if w.Signaled() {
		return "it was killed by " + unix.SignalName(w.Signal())
	}
	return fmt.Sprintf("it ended with status %d", w.ExitStatus())
}
