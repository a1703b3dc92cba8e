package supervise

import (
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

func TestNotificationsAreWholeAssignments(t *testing.T) {
	for message, want := range map[string]bool{
		"READY=1":                  true,
		"READY=1\n":                true,
		"STATUS=up\nREADY=1\nX=2":  true,
		"READY=1\nWATCHDOG=1\n":    true,
		"READY=1\nREADY=1":         true,
		"":                         false,
		"WATCHDOG=1":               false,
		"READY=0":                  false,
		"READY=10":                 false,
		"NOTREADY=1":               false,
		"READY=1 ":                 false,
		"STATUS=READY=1":           false,
		"ready=1":                  false,
		"READY=1\x00":              false,
		strings.Repeat("x\n", 100): false,
	} {
		if got := says([]byte(message), "READY=1"); got != want {
			t.Errorf("%q: %v, want %v", message, got, want)
		}
	}
}

// readySocket is a pair of which one end is watched for READY=1 from uid.
func readySocket(t *testing.T, uid uint32) (send int, ready <-chan struct{}) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		t.Fatal(err)
	}
	said := make(chan struct{})
	var once sync.Once
	socket := os.NewFile(uintptr(pair[0]), "notify")
	ended := make(chan struct{})
	go func() {
		hear(socket, new(atomic.Int32), func() {
			if says(take(socket, uid), "READY=1") {
				once.Do(func() { close(said) })
			}
		})
		close(ended)
	}()
	t.Cleanup(func() {
		socket.Close()
		<-ended // or this test hangs: a closed socket ends the waiting
		unix.Close(pair[1])
	})
	return pair[1], said
}

func TestReadyIsHeardFromTheRoomsUser(t *testing.T) {
	send, ready := readySocket(t, uint32(os.Getuid()))
	for _, message := range []string{"STATUS=not yet", "READY=1", "READY=1", "STOPPING=1"} {
		if err := unix.Sendto(send, []byte(message), 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-ready:
	case <-time.After(10 * time.Second):
		t.Error("READY=1 was not heard")
	}
}

// The kernel vouches for the sender, whatever the message says. The control is the
// test above: the same message from the right user is heard.
func TestReadyIsNotHeardFromAnotherUser(t *testing.T) {
	send, ready := readySocket(t, uint32(os.Getuid())+1)
	if err := unix.Sendto(send, []byte("READY=1"), 0, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ready:
		t.Error("READY=1 of another user was heard")
	case <-time.After(200 * time.Millisecond):
	}
}

// What is taken is gone, and where nothing is, nobody waits.
func TestMessagesAreTakenOneByOne(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		t.Fatal(err)
	}
	socket := os.NewFile(uintptr(pair[0]), "notify")
	defer socket.Close()
	for _, message := range []string{"READY=1", "STATUS=up", "WATCHDOG=1"} {
		if err := unix.Sendto(pair[1], []byte(message), 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	unix.Close(pair[1]) // who has spoken may be gone
	for _, want := range []string{"READY=1", "STATUS=up", "WATCHDOG=1", "", ""} {
		if got := take(socket, uint32(os.Getuid())); string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := take(nil, 0); got != nil {
		t.Errorf("no socket said %q", got)
	}
}

func TestEndingsAreDescribed(t *testing.T) {
	for status, want := range map[unix.WaitStatus]string{
		0:      "it ended with status 0",
		3 << 8: "it ended with status 3",
		9:      "it was killed by SIGKILL",
		15:     "it was killed by SIGTERM",
	} {
		if got := describe(status); got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
}

func TestBackOffDoublesUpToItsLimit(t *testing.T) {
	r := abi.Restart{Mode: abi.RestartAlways, Delay: 100, DelayMax: 1000, Limit: 1_000_000}
	for tries, want := range map[uint32]time.Duration{
		0: 100 * time.Millisecond, 1: 200 * time.Millisecond, 2: 400 * time.Millisecond, 3: 800 * time.Millisecond,
		4: time.Second, 5: time.Second, 999_999: time.Second,
	} {
		if got := backOff(r, tries); got != want {
			t.Errorf("try %d: %v, want %v", tries, got, want)
		}
	}
}

// A message of 4096 bytes fills what it is read into, and may have been longer: it means
// nothing, whatever it begins with. It is gone all the same.
func TestMessageThatMayHaveBeenCutMeansNothing(t *testing.T) {
	const ready = "READY=1\nSTATUS="
	w := watched{t: t, room: new(room)}
	send := w.notifies()
	for length, want := range map[int]bool{4095: true, 4096: false, 4097: false, 8192: false} {
		for _, message := range []string{ready + strings.Repeat("x", length-len(ready)), "WATCHDOG=1"} {
			if err := unix.Sendto(send, []byte(message), 0, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := says(take(w.notify, uint32(os.Getuid())), "READY=1"); got != want {
			t.Errorf("READY=1 in %d bytes: %v, want %v", length, got, want)
		}
		if got := take(w.notify, uint32(os.Getuid())); string(got) != "WATCHDOG=1" {
			t.Errorf("behind %d bytes is %.20q", length, got)
		}
	}
}
