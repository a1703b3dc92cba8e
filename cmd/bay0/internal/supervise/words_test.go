package supervise

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// No room can speak as Bay0 or as another room, or command the terminal.
func TestEveryLineOfARoomBearsItsName(t *testing.T) {
	for name, c := range map[string]struct{ said, want string }{
		"a line":           {"hello\n", "web| hello\n"},
		"no newline":       {"hello", "web| hello\n"},
		"as Bay0":          {"x\nbay0: verdict: 1 of 1\n", "web| x\nweb| bay0: verdict: 1 of 1\n"},
		"carriage return":  {"x\rbay0: y\n", "web| x?bay0: y\n"},
		"escape sequences": {"\x1b[2J\x9b2J\u009b\x00\x7f\n", "web| ?[2J?2J????\n"},
		"a long line":      {strings.Repeat("a", 1500) + "\n", "web| " + strings.Repeat("a", 1024) + "\nweb| " + strings.Repeat("a", 476) + "\n"},
		"nothing":          {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.WriteString(c.said); err != nil {
				t.Fatal(err)
			}
			w.Close()
			var console bytes.Buffer
			copyLines(&console, "web", r)
			if console.String() != c.want {
				t.Errorf("got  %q\nwant %q", console.String(), c.want)
			}
		})
	}
}

func TestReadyIsOneWholeAssignment(t *testing.T) {
	for message, want := range map[string]bool{
		"READY=1":                  true,
		"READY=1\n":                true,
		"STATUS=up\nREADY=1\nX=2":  true,
		"":                         false,
		"READY=0":                  false,
		"READY=10":                 false,
		"NOTREADY=1":               false,
		"READY=1 ":                 false,
		"STATUS=READY=1":           false,
		"ready=1":                  false,
		"READY=1\x00":              false,
		strings.Repeat("x\n", 100): false,
	} {
		if got := saysReady([]byte(message)); got != want {
			t.Errorf("%q: ready %v, want %v", message, got, want)
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
	go waitReady(os.NewFile(uintptr(pair[0]), "notify"), uid, func() { close(said) })
	t.Cleanup(func() { unix.Close(pair[1]) })
	return pair[1], said
}

func TestReadyIsHeardFromTheRoomsUser(t *testing.T) {
	send, ready := readySocket(t, uint32(os.Getuid()))
	for _, message := range []string{"STATUS=not yet", "READY=1"} {
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
