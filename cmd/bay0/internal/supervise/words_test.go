package supervise

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

func TestNotificationsAreWholeAssignments(t *testing.T) {
	for message, want := range map[string][]kind{
		"READY=1":                  {saysReady},
		"READY=1\n":                {saysReady},
		"STATUS=up\nREADY=1\nX=2":  {saysReady},
		"WATCHDOG=1":               {saysAlive},
		"READY=1\nWATCHDOG=1\n":    {saysReady, saysAlive},
		"READY=1\nREADY=1":         {saysReady},
		"":                         nil,
		"READY=0":                  nil,
		"READY=10":                 nil,
		"NOTREADY=1":               nil,
		"READY=1 ":                 nil,
		"STATUS=READY=1":           nil,
		"ready=1":                  nil,
		"READY=1\x00":              nil,
		"WATCHDOG=trigger":         nil,
		strings.Repeat("x\n", 100): nil,
	} {
		got := said([]byte(message))
		if slices.Sort(got); !slices.Equal(got, want) {
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
		hear(socket, uid, func(k kind) {
			if k == saysReady {
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
