// Package supervise has the rooms started, in the order in which they wait for
// each other, and watches over them until the machine ends. One goroutine
// decides; others only wait for something and tell it.
package supervise

import (
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/boot"
	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/cmd/bay0/internal/watchdog"
	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// requests are the signals by which the kernel asks for the machine's end. Of two, the
// last counts.
var requests = map[os.Signal]Asked{
	unix.SIGINT:     Asked(abi.Reset),    // Ctrl-Alt-Del (reboot(2), LINUX_REBOOT_CMD_CAD_OFF)
	unix.Signal(38): Asked(abi.PowerOff), // the power button (Kconfig: ACPI_TINY_POWER_BUTTON_SIGNAL)
}

// event is what a waiting goroutine tells the supervisor. It belongs to one run of
// a room: one that comes after the run has ended means nothing.
type event struct {
	room *room
	run  uint32
	kind kind
}

type kind uint8

const (
	stageEnded kind = iota + 1 // it is the room's program, or nothing
	speaks                     // there is a message of it
	isLate                     // its start timeout has passed
	isSilent                   // it has not said WATCHDOG=1 for too long
	startDue                   // the delay before its next start has passed
	outOfTime                  // its stop timeout has passed
	isImmortal                 // it was killed, and has not ended
)

type supervisor struct {
	machine  *boot.Machine
	launcher *launch.Launcher
	dog      *watchdog.Timer
	log      *klog.Log
	rooms    []*room
	events   chan event
	asked    chan os.Signal // for the machine's end
	began    time.Duration  // since the kernel's start
	judged   bool           // the verdict was given
	settled  bool           // the rooms have stayed up
	tried    bool           // each of them has to
	promote  func()         // then
	stopping error          // Asked, once the machine shall end
}

// Run starts every room of the machine, and calls settled once those that decide have
// stayed up for as long as the policy wants: the critical ones, or in a slot that is
// tried each. It returns when the machine cannot go on, with the reason, or shall not,
// with what was Asked.
func Run(m *boot.Machine, l *launch.Launcher, dog *watchdog.Timer, log *klog.Log, tried bool, settled func()) error {
	s := &supervisor{
		machine: m, launcher: l, dog: dog, log: log, tried: tried, promote: settled,
		began: sinceBoot(), events: make(chan event), asked: make(chan os.Signal, queue),
	}
	for i := range m.Policy.Rooms() {
		r := m.Policy.Room(i)
		s.rooms = append(s.rooms, &room{Room: r, number: uint32(i), output: log.Stream(string(r.Name()), r.Log()), timer: time.NewTimer(0)})
	}
	order(s.rooms)
	defer killAll()
	signal.Notify(s.asked, unix.SIGINT, unix.Signal(38))
	ended := make(chan os.Signal, 1) // one pending signal stands for any number of children
	signal.Notify(ended, unix.SIGCHLD)
	period := time.NewTicker(s.dog.Period())
	err := sys.Cannot(unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF), "take the keyboard's restart")
	for err == nil {
		if err = s.advance(); err != nil {
			return err
		}
		select { // one thing that happens
		case <-period.C:
			err = s.prove()
		case signal := <-s.asked:
			s.stopping = requests[signal]
		case <-ended:
			err = s.reap()
		case e := <-s.events:
			err = s.happened(e)
		}
	}
	return err
}

// advance does what can be done without anything else happening.
func (s *supervisor) advance() error {
	if s.stopping != nil {
		return s.stopAll()
	}
	if err := s.startAll(); err != nil {
		return err
	}
	s.judge()
	return nil
}

// hears is how many messages of a room are taken before what has happened is decided on:
// whose time is over may have said what it should and not been heard yet. What waits
// behind a message with descriptors is not reached: that one is hear's to drop.
var hears = map[kind]int{speaks: 1, isLate: queue, isSilent: queue}

func (s *supervisor) happened(e event) error {
	r := e.room
	if e.run != r.run {
		return nil
	}
	s.listen(r, hears[e.kind])
	switch {
	case e.kind == stageEnded && r.starts() && !r.Notify():
		return s.look(r)
	case e.kind == isLate && r.starts():
		return s.stop(r, fmt.Sprintf("it was not ready within %v", milliseconds(r.StartTimeout())))
	case e.kind == isSilent && r.state == ready && r.reason == "" && !r.timer.Reset(milliseconds(r.Watchdog())): // else it has spoken since
		return s.stop(r, fmt.Sprintf("it has not said WATCHDOG=1 for %v", milliseconds(r.Watchdog())))
	case e.kind == startDue && r.state == resting && s.stopping == nil:
		return s.start(r)
	case e.kind == outOfTime && r.state == leaving:
		return s.stop(r, "")
	case e.kind == isImmortal && r.lives():
		r.close()
		r.pid = 0 // nobody waits for it any more
		if s.stopping == nil {
			return s.giveUp(r, "it was killed, and does not end")
		}
	}
	return nil
}

// after sends an event of the room's present run, some time from now, in place of the
// last that it was to send.
func (s *supervisor) after(d time.Duration, r *room, k kind) {
	e := event{r, r.run, k}
	r.timer.Stop()
	r.timer = time.AfterFunc(d, func() { s.events <- e })
}

// reap takes the status of every process that has ended: the rooms' programs,
// and whatever else was left to PID 1.
func (s *supervisor) reap() error {
	for {
		var status unix.WaitStatus
		pid, _ := unix.Wait4(-1, &status, unix.WNOHANG, nil) // the one error is that there is no process
		if pid <= 0 {
			return nil
		}
		if err := s.wasReaped(pid, status); err != nil {
			return err
		}
	}
}

// ask has the launcher do something, and does nothing else until it has: so each
// process is known before it can be reaped. A launcher that does not answer keeps the
// watchdog from being fed. If it has ended, how it did is the reason.
func (s *supervisor) ask(m role.Message) (role.Message, []*os.File, error) {
	late := time.AfterFunc(s.dog.Patience(), func() {
		s.log.Say("the launcher does not answer, and the watchdog is not fed")
	})
	defer late.Stop()
	answer, files, err := s.launcher.Ask(m)
	if err != nil {
		err = s.autopsy(err)
	}
	return answer, files, err
}

// autopsy tells how the launcher ended, once its socket has. One that lives on
// without it is ended.
func (s *supervisor) autopsy(lost error) error {
	var status unix.WaitStatus
	_ = unix.Kill(s.launcher.PID, unix.SIGKILL) // an error is that it was reaped
	if pid, err := unix.Wait4(s.launcher.PID, &status, 0, nil); err != nil || pid != s.launcher.PID {
		return lost
	}
	return s.wasReaped(s.launcher.PID, status)
}

func (s *supervisor) wasReaped(pid int, status unix.WaitStatus) error {
	if pid == s.launcher.PID {
		return fmt.Errorf("cannot go on without the launcher: %s", describe(status))
	}
	for _, r := range s.rooms {
		if r.pid == pid {
			return s.hasEnded(r, status)
		}
	}
	return nil
}

// killAll ends every process but this one before the machine ends, so that none writes to
// a volume while it is let go: the launcher, the rooms, and what is on its way from one to
// the other (kill(2), -1). For what does not end it waits half a second, and no longer.
func killAll() {
	_ = unix.Kill(-1, unix.SIGKILL)
	for end := time.Now().Add(time.Second / 2); time.Now().Before(end); {
		switch pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); {
		case err != nil:
			return // there is no child any more
		case pid == 0:
			time.Sleep(reapPause)
		}
	}
}

const reapPause = time.Millisecond
