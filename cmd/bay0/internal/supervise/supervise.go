// Package supervise starts the rooms, in the order in which they wait for each
// other, and watches over them until the machine ends. One goroutine decides;
// others only wait for something and tell it.
package supervise

import (
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/boot"
	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/cmd/bay0/internal/watchdog"
	"golang.org/x/sys/unix"
)

// event is what a waiting goroutine tells the supervisor. It belongs to one run of
// a room: one that comes after the run has ended means nothing.
type event struct {
	room, run int
	kind      kind
	answer    launch.Answer // of hasAnswer
}

type kind uint8

const (
	hasAnswer kind = iota // what became of its stage is known
	saysReady             // it said READY=1
	isLate                // its start timeout has passed
	startDue              // the delay before its next start has passed
)

type supervisor struct {
	machine  *boot.Machine
	launcher *launch.Launcher
	dog      *watchdog.Timer
	log      *klog.Log
	rooms    []room
	events   chan event
	judged   bool // the verdict was given
	settled  bool // the rooms have stayed up
}

// Run starts every room of the machine. It returns when the machine cannot go on:
// a critical room could not start, was not ready in time, or has ended.
func Run(m *boot.Machine, l *launch.Launcher, dog *watchdog.Timer, log *klog.Log) error {
	s := &supervisor{machine: m, launcher: l, dog: dog, log: log, events: make(chan event)}
	hungry := time.NewTicker(dog.Period())
	children := make(chan os.Signal, 1) // one pending signal stands for any number of children
	signal.Notify(children, unix.SIGCHLD)
	for i := range m.Policy.Rooms() {
		r := m.Policy.Room(i)
		s.rooms = append(s.rooms, room{Room: r, output: log.Stream(string(r.Name()), r.Log())})
	}
	defer s.killAll()
	for {
		if err := s.startAll(); err != nil {
			return err
		}
		s.judge()
		if err := s.next(children, hungry.C); err != nil {
			return err
		}
	}
}

// killAll ends every room before the machine does, so that none writes to a volume
// while it is let go.
func (s *supervisor) killAll() {
	for i := range s.rooms {
		_ = launch.Kill(s.rooms[i].Room) // the machine ends in any case
	}
}

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

// next waits for one thing to happen.
func (s *supervisor) next(children <-chan os.Signal, hungry <-chan time.Time) error {
	select {
	case <-hungry:
		s.settle()
		return s.dog.Feed()
	case <-children:
		return s.reap()
	case e := <-s.events:
		r := &s.rooms[e.room]
		if e.run != r.run {
			return nil
		}
		switch {
		case e.kind == hasAnswer:
			return s.hasAnswered(e.room, e.answer)
		case e.kind == saysReady && r.state == starting && r.reason == "":
			s.becomeReady(r)
		case e.kind == isLate && r.state == starting:
			return s.stop(r, fmt.Sprintf("it was not ready within %v", r.startTimeout()))
		case e.kind == startDue && r.state == resting:
			return s.start(e.room)
		}
		return nil
	}
}

// after sends an event of the room's present run, some time from now.
func (s *supervisor) after(d time.Duration, i int, k kind) {
	e := event{room: i, run: s.rooms[i].run, kind: k}
	s.rooms[i].timer = time.AfterFunc(d, func() { s.events <- e })
}

// reap takes the status of every process that has ended: the rooms' programs,
// and whatever else was left to PID 1.
func (s *supervisor) reap() error {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err == unix.ECHILD || pid == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot wait for a process: %w", err)
		}
		for i := range s.rooms {
			if s.rooms[i].pid == pid {
				if err := s.wasReaped(i, status); err != nil {
					return err
				}
			}
		}
	}
}

// judge gives the verdict on the boot, once every room has come up or failed.
func (s *supervisor) judge() {
	up := 0
	for i := range s.rooms {
		switch s.rooms[i].state {
		case ready, ended:
			up++
		case failed:
		default:
			return
		}
	}
	if s.judged {
		return
	}
	s.judged = true
	for i := range s.rooms {
		r := &s.rooms[i]
		if n, err := launch.Memory(r.Room); err == nil && r.state == ready {
			s.log.Say("room %s: memory %d KiB", r.Name(), n/1024)
		}
	}
	s.log.Say("verdict: %d of %d rooms ready, %.2f s after the kernel's start", up, len(s.rooms), sinceBoot().Seconds())
}

// settle says once that every room has stayed up for the policy's settle time
// since the last of them came up.
func (s *supervisor) settle() {
	if !s.judged || s.settled {
		return
	}
	limit := time.Duration(s.machine.Policy.Settle()) * time.Millisecond
	for i := range s.rooms {
		if r := &s.rooms[i]; r.state != ready && r.state != ended || time.Since(r.since) < limit {
			return
		}
	}
	s.settled = true
	s.log.Say("settled: every room has stayed up for %v", limit)
}

// sinceBoot is the time since the kernel's clock began (clock_gettime(2)).
func sinceBoot() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	return time.Duration(now.Nano())
}
