// Package supervise starts the rooms and watches over them until the machine
// ends. One goroutine decides; others only wait for something and tell it.
package supervise

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/boot"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// state of a room.
type state uint8

const (
	starting state = iota
	ready
	failed
)

// room is a room as the supervisor sees it.
type room struct {
	blob.Room
	pid   int // 0: no process
	state state
	since time.Time // when its start began
}

// event is what a waiting goroutine tells the supervisor.
type event struct {
	room    int
	ready   bool   // it said READY=1
	failure string // why it has failed, if not ""
}

type supervisor struct {
	machine *boot.Machine
	console io.Writer
	rooms   []room
	events  chan event
	judged  bool // the verdict was given
}

// Run starts every room of the machine. It returns when the machine cannot go
// on: a critical room could not start, was not ready in time, or has ended.
func Run(m *boot.Machine, console io.Writer) error {
	s := &supervisor{machine: m, console: console, events: make(chan event)}
	children := make(chan os.Signal, 1) // one pending signal stands for any number of children
	signal.Notify(children, unix.SIGCHLD)
	for i := range m.Policy.Rooms() {
		s.rooms = append(s.rooms, room{Room: m.Policy.Room(i)})
		if err := s.start(i); err != nil {
			return err
		}
	}
	for {
		s.judge()
		if err := s.next(children); err != nil {
			return err
		}
	}
}

// next waits for one thing to happen.
func (s *supervisor) next(children <-chan os.Signal) error {
	select {
	case <-children:
		return s.reap()
	case e := <-s.events:
		switch r := &s.rooms[e.room]; {
		case r.state != starting:
			return nil // too late to matter
		case e.ready:
			s.becomeReady(r)
			return nil
		default:
			return s.fail(r, e.failure)
		}
	}
}

func (s *supervisor) start(i int) error {
	r := &s.rooms[i]
	r.since = time.Now()
	p, err := launch.Start(s.machine, i)
	if p != nil && p.Log != nil {
		go copyLines(s.console, string(r.Name()), p.Log)
	}
	if err != nil {
		return s.fail(r, err.Error())
	}
	r.pid = p.PID
	if p.Notify == nil {
		s.becomeReady(r)
		return nil
	}
	go waitReady(p.Notify, r.UID(), func() { s.events <- event{room: i, ready: true} })
	limit := time.Duration(r.StartTimeout()) * time.Millisecond
	time.AfterFunc(limit, func() {
		s.events <- event{room: i, failure: fmt.Sprintf("it was not ready within %v", limit)}
	})
	return nil
}

func (s *supervisor) becomeReady(r *room) {
	r.state = ready
	s.say("room %s: ready in %d ms", r.Name(), time.Since(r.since).Milliseconds())
}

// fail ends a room. Its processes are killed all at once, by the kernel, so that
// none can outrun it (cgroup.kill). The machine goes on only without a room that
// its policy can do without.
func (s *supervisor) fail(r *room, reason string) error {
	r.state = failed
	if err := launch.Kill(r.Room); err != nil {
		return err
	}
	if r.Critical() {
		return fmt.Errorf("critical room %s failed: %s", r.Name(), reason)
	}
	s.say("room %s: failed: %s", r.Name(), reason)
	return nil
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
		if err != nil || pid == 0 {
			return nil // ECHILD or nobody yet
		}
		for i := range s.rooms {
			r := &s.rooms[i]
			if r.pid != pid {
				continue
			}
			r.pid = 0
			if r.state == failed {
				continue
			}
			if err := s.fail(r, describe(status)); err != nil {
				return err
			}
		}
	}
}

func describe(w unix.WaitStatus) string {
	if w.Signaled() {
		return "it was killed by " + unix.SignalName(w.Signal())
	}
	return fmt.Sprintf("it ended with status %d", w.ExitStatus())
}

// judge gives the verdict on the boot, once every room has come up or failed.
func (s *supervisor) judge() {
	if s.judged {
		return
	}
	up := 0
	for i := range s.rooms {
		switch s.rooms[i].state {
		case starting:
			return
		case ready:
			up++
		}
	}
	s.judged = true
	s.say("verdict: %d of %d rooms ready, %.2f s after the kernel's start", up, len(s.rooms), sinceBoot().Seconds())
}

// sinceBoot is the time since the kernel's clock began (clock_gettime(2)).
func sinceBoot() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	return time.Duration(now.Nano())
}

func (s *supervisor) say(format string, args ...any) {
	fmt.Fprintf(s.console, "bay0: "+format+"\n", args...)
}
