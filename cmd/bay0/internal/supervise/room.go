package supervise

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
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
	number        uint32  // its place in the policy
	before, later []*room // that it comes after, and that come after it
	state         state
	run           uint32 // counts its starts
	pid           int    // 0: no process
	log           *os.File
	notify        *os.File     // nil: it says nothing
	waiting       atomic.Int32 // for messages of this run, or for what former ones have left behind
	stage         chan string  // why this run's is no program
	since         time.Time    // when its state began
	timer         *time.Timer  // of what it may take too long for
	tries         uint32       // restarts in a row
	output        *klog.Stream // what it prints, over all its starts
	reason        string       // why it was stopped, if it was
}

func (r *room) enter(s state) { r.state, r.since = s, time.Now() }

func (r *room) lives() bool { return r.pid != 0 }

// starts reports whether the room can still become ready.
func (r *room) starts() bool { return r.state == starting && r.reason == "" }

// isUp reports whether the room does what it should, or has done it.
func (r *room) isUp() bool { return r.state == ready || r.state == ended }

func milliseconds(n uint32) time.Duration { return time.Duration(n) * time.Millisecond }

func (s *supervisor) start(r *room) error {
	if r.waiting.Load() > 8 { // each of them holds a thread
		return s.giveUp(r, "what it has sent along with messages lingers")
	}
	r.run++
	r.reason = ""
	r.enter(starting)
	s.log.Say("room %s: starting", r.Name())
	s.after(milliseconds(r.StartTimeout()), r, isLate)
	answer, files, err := s.ask(role.Message{Kind: role.Start, Number: r.number})
	switch {
	case err != nil:
		return err
	case answer.Kind == role.Failed:
		r.timer.Stop()
		return s.startAgain(r, answer.Text)
	case len(files) < 2 || r.Notify() && len(files) < 3:
		return fmt.Errorf("cannot understand the launcher: %d descriptors of room %s", len(files), r.Name())
	}
	r.pid = int(answer.Number)
	s.attend(r, files)
	return nil
}

// attend has goroutines wait for what the room's new process does and says.
func (s *supervisor) attend(r *room, files []*os.File) {
	run, stage := r.run, make(chan string, 1)
	tell := func(k kind) { s.events <- event{r, run, k} }
	r.stage, r.log = stage, files[1]
	go r.output.Copy(r.log)
	go func() {
		stage <- launch.Await(files[0])
		tell(stageEnded)
	}()
	if r.Notify() {
		r.notify = files[2]
		go hear(r.notify, &r.waiting, func() { tell(speaks) })
	}
}

// listen takes messages of the room, no more than most, and does what they say.
func (s *supervisor) listen(r *room, most int) {
	for range most {
		message := take(r.notify, r.UID())
		if says(message, "READY=1") && r.starts() {
			s.becomeReady(r)
		}
		if says(message, "WATCHDOG=1") && r.state == ready && r.reason == "" {
			s.renew(r)
		}
	}
}

// look makes a room ready that need not say so, if its stage has become its program.
func (s *supervisor) look(r *room) error {
	answer, _, err := s.ask(role.Message{Kind: role.Look, Number: uint32(r.pid)})
	if err == nil && answer.Kind == role.Done {
		s.becomeReady(r)
	}
	return err
}

func (s *supervisor) becomeReady(r *room) {
	s.log.Say("room %s: ready in %d ms", r.Name(), time.Since(r.since).Milliseconds())
	r.enter(ready)
	r.timer.Stop()
	s.renew(r)
}

// renew gives a room that has promised to say WATCHDOG=1 the time to say it again.
func (s *supervisor) renew(r *room) {
	if r.Watchdog() > 0 {
		s.after(milliseconds(r.Watchdog()), r, isSilent)
	}
}

// killGrace is how long what was killed has to end. The kernel lets nothing end that
// waits for a device which does not answer.
const killGrace = 10 * time.Second

// stop kills a room. What follows is decided when its process has been reaped.
func (s *supervisor) stop(r *room, reason string) error {
	r.reason = reason
	s.after(killGrace, r, isImmortal)
	return r.kill()
}

// kill ends the room's processes: all that are in its cgroup, and the one that may
// not have joined it yet.
func (r *room) kill() error {
	return errors.Join(r.signal(unix.SIGKILL), launch.Kill(r.Room))
}

// signal reaches the room's program, if its number is known.
func (r *room) signal(signal unix.Signal) error {
	if r.pid == 0 {
		return nil
	}
	return sys.Cannot(unix.Kill(r.pid, signal), "end room %s by %s", r.Name(), unix.SignalName(signal))
}

// leave asks a room to end, as service managers do, and gives it time to. A process
// that is on its way will be killed.
func (s *supervisor) leave(r *room) error {
	r.enter(leaving)
	s.after(milliseconds(r.StopTimeout()), r, outOfTime)
	return r.signal(unix.SIGTERM)
}

// logGrace is how long what an ended room has written can still be read.
const logGrace = time.Second

// close lets go of a run that has ended. Its log ends when it was read, or soon
// after: the room may have given the other end away.
func (r *room) close() {
	r.timer.Stop()
	_ = r.log.SetReadDeadline(time.Now().Add(logGrace)) // a pipe can always have one
	_ = r.notify.SetReadDeadline(time.Now())            // a nil file's error means nothing
	r.notify = nil                                      // who hears closes it, and nobody else shall: see there
}

// hasEnded decides what follows when the room's process has been reaped. The kernel
// has killed what else was in its pid namespace by now (pid_namespaces(7)), and has
// closed its stage's socket.
func (s *supervisor) hasEnded(r *room, status unix.WaitStatus) error {
	r.pid = 0
	s.listen(r, queue) // what it has said before
	r.close()
	if r.state == ready && time.Since(r.since) > milliseconds(r.Restart().DelayMax) {
		r.tries = 0 // it was up for longer than any delay: not in a row
	}
	stage := <-r.stage // which ends with another status than 0
	// A room that need not say that it is ready can end before anybody looked.
	well := (r.state == ready || !r.Notify()) && status.Exited() && status.ExitStatus() == 0
	how := describe(status)
	switch {
	case r.state == leaving || s.stopping != nil:
		how = "stopped: " + how
	case r.reason != "":
		return s.startAgain(r, r.reason)
	case stage != "":
		return s.startAgain(r, stage)
	case !well:
		return s.startAgain(r, how)
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
