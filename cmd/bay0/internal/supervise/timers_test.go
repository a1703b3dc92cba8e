package supervise

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

// work is a room of a conformance vector, which has 5 s to become ready and then says
// WATCHDOG=1 every 2 s.
func work(t *testing.T) blob.Room {
	t.Helper()
	text, err := os.ReadFile("../../../../policy/blob/testdata/vectors/good.vector")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n\n")
	b, err := hex.DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	v, err := blob.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	r := v.Room(1)
	// Its user is who runs the test, which no policy could say.
	copy(b[bytes.Index(b, binary.LittleEndian.AppendUint32(nil, r.UID())):], binary.LittleEndian.AppendUint32(nil, uint32(os.Getuid())))
	if r.UID() != uint32(os.Getuid()) {
		t.Fatalf("the user of room %s is %d", r.Name(), r.UID())
	}
	copy(r.Name(), "?.?.") // killing it ends what is in its control group: this host has none of that name
	if r.StartTimeout() != 5000 || r.Watchdog() != 2000 {
		t.Fatalf("room %s has %d ms to start and %d to speak, want 5000 and 2000", r.Name(), r.StartTimeout(), r.Watchdog())
	}
	return r
}

// watched is a supervisor with that room, whose program runs: a process of this host.
type watched struct {
	t *testing.T
	*supervisor
	*room
	program *exec.Cmd
}

// inTime runs a test with a clock that stands still while anything is done.
func inTime(t *testing.T, s state, test func(watched)) {
	t.Helper()
	program := exec.Command("sleep", "infinity")
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait() // or the test has done it
	})
	synctest.Test(t, func(t *testing.T) {
		r := &room{Room: work(t), run: 1, pid: program.Process.Pid, state: s, since: time.Now(), timer: time.NewTimer(0)}
		w := watched{t, &supervisor{log: new(klog.Log), rooms: []*room{r}, events: make(chan event)}, r, program}
		defer func() { r.timer.Stop() }()
		test(w)
	})
}

// due is the event that waits to be heard d from now, and not a moment earlier.
func (w watched) due(d time.Duration) event {
	w.t.Helper()
	for _, pause := range []time.Duration{d - 1, 1} {
		synctest.Wait()
		select {
		case e := <-w.events:
			w.t.Fatalf("event %d came %v early", e.kind, pause)
		default:
		}
		time.Sleep(pause)
	}
	synctest.Wait()
	select {
	case e := <-w.events:
		return e
	default:
		w.t.Fatalf("no event came in %v", d)
		return event{}
	}
}

// hears has the supervisor decide on an event.
func (w watched) hears(e event) {
	w.t.Helper()
	if err := w.happened(e); err != nil {
		w.t.Fatal(err)
	}
}

func (w watched) mustLive() {
	w.t.Helper()
	if w.reason != "" {
		w.t.Fatalf("it is being stopped: %s", w.reason)
	}
}

// mustDie wants the supervisor to have killed the room's process for a reason.
func (w watched) mustDie(reason string) {
	w.t.Helper()
	if w.reason != reason {
		w.t.Fatalf("the reason is %q, want %q", w.reason, reason)
	}
	_ = w.program.Wait() // an error is how it ended
	if got := w.program.ProcessState.String(); got != "signal: killed" {
		w.t.Errorf("the program has ended by %q", got)
	}
}

const silence = "it has not said WATCHDOG=1 for 2s"

// The control of the next: who says nothing is killed.
func TestSilentRoomIsKilled(t *testing.T) {
	inTime(t, ready, func(w watched) {
		w.renew(w.room)
		w.hears(w.due(2 * time.Second))
		w.mustDie(silence)
	})
}

// A room may say WATCHDOG=1 when its time is over and its timer's event waits already,
// behind what the room has said. It lives, and has its time again, once.
func TestRoomThatSpeaksAtTheLastMomentLives(t *testing.T) {
	inTime(t, ready, func(w watched) {
		w.renew(w.room)
		late := w.due(2 * time.Second)
		w.renew(w.room)
		w.hears(late)
		w.mustLive()
		w.hears(w.due(2 * time.Second))
		w.mustDie(silence)
	})
}

// So it is with a room that becomes ready when its time to is over.
func TestRoomThatIsReadyAtTheLastMomentLives(t *testing.T) {
	inTime(t, starting, func(w watched) {
		w.after(5*time.Second, w.room, isLate)
		late := w.due(5 * time.Second)
		w.becomeReady(w.room)
		w.hears(late)
		w.mustLive()
	})
	inTime(t, starting, func(w watched) {
		w.after(5*time.Second, w.room, isLate)
		w.hears(w.due(5 * time.Second))
		w.mustDie("it was not ready within 5s")
	})
}

// What the timer of a former run has to say is not about this one.
func TestFormerRunIsNoReason(t *testing.T) {
	inTime(t, ready, func(w watched) {
		w.renew(w.room)
		late := w.due(2 * time.Second)
		w.run++
		w.hears(late)
		w.mustLive()
	})
}

// What a room has said in time may not have been heard yet when its time is over: Bay0
// rests between two messages. It counts, behind any others.
func TestRoomThatWasNotHeardYetLives(t *testing.T) {
	for name, c := range map[string]struct {
		state state
		says  string
		over  kind
	}{
		"that it lives":    {ready, "WATCHDOG=1", isSilent},
		"that it is ready": {starting, "READY=1", isLate},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, c.state, func(w watched) {
				send := w.notifies()
				w.after(time.Second, w.room, c.over)
				for _, message := range []string{"STATUS=at it", "STATUS=still", c.says} {
					if err := unix.Sendto(send, []byte(message), 0, nil); err != nil {
						w.t.Fatal(err)
					}
				}
				w.hears(w.due(time.Second))
				w.mustLive()
				w.hears(w.due(2 * time.Second))
				w.mustDie(silence)
			})
		})
	}
}

// What a room has said before it ended counts, though it was not heard before: one that
// became ready and had nothing more to do has ended as it should.
func TestRoomThatWasNotHeardBeforeItEndedEndsWell(t *testing.T) {
	for said, want := range map[string]state{"READY=1": ended, "STATUS=never mind": resting} {
		inTime(t, starting, func(w watched) {
			send := w.notifies()
			for _, message := range []string{"STATUS=at it", said} {
				if err := unix.Sendto(send, []byte(message), 0, nil); err != nil {
					w.t.Fatal(err)
				}
			}
			w.stage = make(chan string, 1)
			w.stage <- ""
			if err := w.hasEnded(w.room, 0); err != nil || w.state != want {
				w.t.Errorf("it said %s and is %v, want %v: %v", said, w.state, want, err)
			}
		})
	}
}

// A room that is being killed is not killed for anything else: its reason stays, and so
// does the time that it has to end.
func TestFirstReasonCounts(t *testing.T) {
	for name, c := range map[string]struct {
		state state
		over  kind
	}{
		"before it is silent": {ready, isSilent},
		"before it is late":   {starting, isLate},
		"before it speaks":    {ready, speaks},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, c.state, func(w watched) {
				if _, err := unix.Write(w.notifies(), []byte("WATCHDOG=1")); err != nil {
					w.t.Fatal(err)
				}
				if err := w.stop(w.room, "the first"); err != nil {
					w.t.Fatal(err)
				}
				w.hears(event{w.room, w.run, c.over})
				w.mustDie("the first")
				if e := w.due(killGrace); e.kind != isImmortal {
					w.t.Errorf("event %d came, want %d", e.kind, isImmortal)
				}
			})
		})
	}
}

// notifies gives the room a notify socket, and returns the end at which it speaks.
func (w watched) notifies() (send int) {
	w.t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		w.t.Fatal(err)
	}
	w.notify = os.NewFile(uintptr(pair[0]), "notify")
	w.t.Cleanup(func() {
		w.notify.Close()
		unix.Close(pair[1])
	})
	return pair[1]
}
