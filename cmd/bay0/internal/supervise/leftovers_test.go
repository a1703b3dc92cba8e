package supervise

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// loadedSocket is a notify socket in which a message waits that brings a TCP connection
// with it. Whoever drops that waits: the other side reads nothing, and it was told to
// linger for a minute.
func loadedSocket(t *testing.T) *os.File {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		t.Fatal(err)
	}
	connection := lingering(t)
	if err := unix.Sendmsg(pair[1], []byte("READY=1"), unix.UnixRights(connection), nil, 0); err != nil {
		t.Fatal(err)
	}
	unix.Close(connection) // the last is the one in the message
	unix.Close(pair[1])
	return os.NewFile(uintptr(pair[0]), "notify")
}

// lingering is a connection with more to send than the other side takes. It is let go of
// when the test ends.
func lingering(t *testing.T) (fd int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	to := &unix.SockaddrInet4{Port: listener.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
	if err := unix.Connect(fd, to); err != nil {
		t.Fatal(err)
	}
	other, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() }) // with something unread that resets the connection
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 60}); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = unix.SendmsgN(fd, make([]byte, 1<<16), nil, nil, unix.MSG_DONTWAIT)
	}
	if err != unix.EAGAIN {
		t.Fatal(err)
	}
	return fd
}

// returns reports whether a call comes back; for d it is waited for.
func returns(d time.Duration, call func()) bool {
	back := make(chan struct{})
	go func() {
		call()
		close(back)
	}()
	select {
	case <-back:
		return true
	case <-time.After(d):
		return false
	}
}

const patience = 10 * time.Second // much less than the connection lingers

// Bay0 waits for no descriptor that a room has sent: the message stays where it is.
func TestMessageWithDescriptorsIsLeft(t *testing.T) {
	socket := loadedSocket(t)
	defer func() { go socket.Close() }()
	for range 2 {
		if !returns(patience, func() {
			if message, loaded := take(socket, uint32(os.Getuid())); message != nil || !loaded {
				t.Errorf("%q, loaded %v", message, loaded)
			}
		}) {
			t.Fatal("it is waited for")
		}
	}
}

// The control: to take the message is to wait.
func TestDescriptorsLinger(t *testing.T) {
	socket := loadedSocket(t)
	defer func() { go socket.Close() }()
	raw, err := socket.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if returns(200*time.Millisecond, func() {
		_ = raw.Control(func(fd uintptr) { _, _ = unix.Read(int(fd), make([]byte, 1)) }) // what it brings is nobody's
	}) {
		t.Error("nobody waits")
	}
}

// A room that sends descriptors is stopped, and what it has left behind is not waited
// for either.
func TestRoomThatSendsDescriptorsIsStopped(t *testing.T) {
	inTime(t, ready, func(w watched) {
		w.notify = loadedSocket(w.t)
		w.hears(event{w.room, w.run, speaks})
		w.mustDie("it has sent descriptors, which nobody takes")
	})
	r := &room{notify: loadedSocket(t), timer: time.NewTimer(0)}
	if !returns(patience, r.close) {
		t.Error("it is waited for")
	}
}

// A room may have given its output to a process that outlives it, which is not waited
// for either.
func TestOutputThatStaysOpenIsNotWaitedFor(t *testing.T) {
	log, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close() // the other's end
	r := &room{log: log, timer: time.NewTimer(0)}
	r.close()
	output := new(klog.Log).Stream("web", abi.LogLimit{Burst: 1, PerSecond: 1})
	if !returns(patience, func() { output.Copy(log) }) {
		t.Error("it is waited for")
	}
}
