package supervise

import (
	"fmt"
	"os"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// state of a room. From resting it goes back to starting; ended and failed are
// for good.
type state uint8

const (
	waiting  state = iota // for other rooms
	starting              // its process runs, or was asked for, and is not ready
	ready
	resting // before it is started again
	leaving // it was asked to end
	ended   // as it should, and is not started again
	failed  // and is not started again
)

func (s state) String() string {
	return [...]string{"waiting", "starting", "ready", "resting", "leaving", "ended", "failed"}[s]
}

// room is a room as the supervisor sees it.
type room struct {
	blob.Room
	number   uint32 // its place in the policy
	state    state
	run      uint32 // counts its starts
	pid      int    // 0: no process
	log      *os.File
	notify   *os.File        // nil: it says nothing
	answered bool            // its stage has
	confined bool            // its stage has said so
	status   unix.WaitStatus // of the process, once it has been reaped
	since    time.Time       // when its state began
	alive    time.Time       // when it last said WATCHDOG=1
	timer    *time.Timer     // of what it may take too long for; nil: none yet
	tries    uint32          // restarts in a row
	output   *klog.Stream    // what it prints, over all its starts
	reason   string          // why it was stopped, if it was
}

func (r *room) enter(s state) { r.state, r.since = s, time.Now() }

// lives reports whether the room has a process, or will have as soon as the
// launcher has answered.
func (r *room) lives() bool { return r.state == starting || r.state == ready || r.state == leaving }

// isUp reports whether the room does what it should, or has done it.
func (r *room) isUp() bool { return r.state == ready || r.state == ended }

func milliseconds(n uint32) time.Duration { return time.Duration(n) * time.Millisecond }

func (s *supervisor) start(r *room) error {
	r.run++
	r.answered, r.confined, r.reason = false, false, ""
	r.enter(starting)
	s.asked++
	s.log.Say("room %s: starting", r.Name())
	s.after(milliseconds(r.StartTimeout()), r, isLate)
	return s.ask(launch.Message{Kind: launch.Start, Room: r.number, Run: r.run})
}

// wasTried takes the new process, or the reason why there is none.
func (s *supervisor) wasTried(r *room, m launch.Message) error {
	s.asked--
	if m.Kind == launch.Failed {
		r.timer.Stop()
		if r.state == leaving {
			r.enter(ended)
			return nil
		}
		return s.hasFailed(r, m.Reason)
	}
	want := 1
	if r.Notify() {
		want = 2
	}
	if len(m.Files) != want {
		return fmt.Errorf("cannot understand the launcher: %d descriptors of room %s", len(m.Files), r.Name())
	}
	r.pid, r.log = int(m.PID), m.Files[want-1]
	go r.output.Copy(r.log)
	if r.Notify() {
		r.notify = m.Files[0]
		run := r.run
		go hear(r.notify, r.UID(), func(k kind) { s.events <- event{r, run, k} })
	}
	if r.reason != "" || r.state == leaving {
		return r.kill() // it was stopped before its number was known
	}
	return nil
}

// hasAnswered is called when the stage has become the room's program, has given
// the reason why not, or has died without one.
func (s *supervisor) hasAnswered(r *room, m launch.Message) error {
	r.answered, r.confined = true, m.Kind != launch.Ended
	if r.reason == "" {
		r.reason = m.Reason
	}
	switch {
	case r.pid == 0:
		return s.hasEnded(r)
	case r.reason != "":
		return r.kill()
	case m.Kind == launch.Running && !r.Notify() && r.state == starting:
		s.becomeReady(r)
	}
	return nil
}

func (s *supervisor) becomeReady(r *room) {
	s.log.Say("room %s: ready in %d ms", r.Name(), time.Since(r.since).Milliseconds())
	r.enter(ready)
	if r.timer.Stop(); r.Watchdog() > 0 {
		r.alive = r.since
		s.after(milliseconds(r.Watchdog()), r, isSilent)
	}
}

// checkAlive stops a room that has not said WATCHDOG=1 for too long.
func (s *supervisor) checkAlive(r *room) error {
	limit := milliseconds(r.Watchdog())
	if left := limit - time.Since(r.alive); left > 0 {
		s.after(left, r, isSilent)
		return nil
	}
	return r.stop(fmt.Sprintf("it has not said WATCHDOG=1 for %v", limit))
}

// stop kills a room. What follows is decided when its process has been reaped.
func (r *room) stop(reason string) error {
	r.reason = reason
	return r.kill()
}

// kill ends the room's processes: all that are in its cgroup, and the one that may
// not have joined it yet.
func (r *room) kill() error {
	if err := r.signal(unix.SIGKILL); err != nil {
		return err
	}
	return launch.Kill(r.Room)
}

// signal reaches the room's program, if its number is known.
func (r *room) signal(signal unix.Signal) error {
	if r.pid == 0 {
		return nil
	}
	if err := unix.Kill(r.pid, signal); err != nil {
		return fmt.Errorf("cannot end room %s by %s: %w", r.Name(), unix.SignalName(signal), err)
	}
	return nil
}

// leave asks a room to end, as service managers do, and gives it time to. A process
// that is on its way will be killed.
func (s *supervisor) leave(r *room) error {
	r.enter(leaving)
	r.timer.Stop()
	s.after(milliseconds(r.StopTimeout()), r, outOfTime)
	return r.signal(unix.SIGTERM)
}

// hasDied takes the status of the room's process. If its stage's answer is still
// on its way, the reason is in it.
func (s *supervisor) hasDied(r *room, status unix.WaitStatus) error {
	r.pid, r.status = 0, status
	if !r.answered {
		return nil
	}
	return s.hasEnded(r)
}

// logGrace is how long what an ended room has written can still be read.
const logGrace = time.Second

// close lets go of a run that has ended. Its log ends when it was read, or soon
// after: the room may have given the other end away.
func (r *room) close() {
	r.timer.Stop()
	_ = r.log.SetReadDeadline(time.Now().Add(logGrace)) // a pipe can always have one
	r.notify.Close()                                    // a nil file closes with an error that means nothing
}

// hasEnded decides what follows. The kernel has killed what else was in the
// program's pid namespace by now (pid_namespaces(7)).
func (s *supervisor) hasEnded(r *room) error {
	r.close()
	if r.state == ready && time.Since(r.since) > milliseconds(r.Restart().DelayMax) {
		r.tries = 0 // it was up for longer than any delay: not in a row
	}
	// A room that need not say that it is ready can end before anybody looked.
	ran := r.state == ready || r.confined && !r.Notify()
	well := ran && r.status.Exited() && r.status.ExitStatus() == 0
	how := describe(r.status)
	switch {
	case r.state == leaving:
		how = "stopped: " + how
	case r.reason != "":
		return s.hasFailed(r, r.reason)
	case !well:
		return s.hasFailed(r, how)
	case r.Critical():
		return s.giveUp(r, how)
	case r.Restart().Mode == abi.RestartAlways:
		return s.startAgain(r, how)
	}
	r.enter(ended)
	s.log.Say("room %s: %s", r.Name(), how)
	return nil
}

func describe(w unix.WaitStatus) string {
	if w.Signaled() {
		return "it was killed by " + unix.SignalName(w.Signal())
	}
	return fmt.Sprintf("it ended with status %d", w.ExitStatus())
}
