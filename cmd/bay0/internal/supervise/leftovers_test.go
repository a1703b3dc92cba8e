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

// The supervisor waits for no descriptor that a room has sent: it leaves the message, and
// what is behind that, to who hears.
func TestMessageWithDescriptorsIsLeft(t *testing.T) {
	socket := loadedSocket(t)
	defer func() { go socket.Close() }()
	for range 2 {
		if !returns(patience, func() {
			if message := take(socket, uint32(os.Getuid())); message != nil {
				t.Errorf("%q was taken", message)
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
		_ = raw.Control(func(fd uintptr) { _, _ = unix.Read(int(fd), make([]byte, 1)) })
	}) {
		t.Error("nobody waits")
	}
}

// Who asks whether it was heard sends the end of a pipe along, and waits until that is
// closed (sd_notify_barrier(3)). What it has said before is heard before.
func TestBarrierIsLifted(t *testing.T) {
	send, ready := readySocket(t, uint32(os.Getuid()))
	lifted, barrier, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer lifted.Close()
	for _, message := range []string{"READY=1", "BARRIER=1", "STATUS=up"} {
		var along []byte
		if message == "BARRIER=1" {
			along = unix.UnixRights(int(barrier.Fd()))
		}
		if err := unix.Sendmsg(send, []byte(message), along, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	barrier.Close()
	if !returns(patience, func() { _, _ = lifted.Read(make([]byte, 1)) }) {
		t.Error("the barrier stands")
	}
	if !returns(patience, func() { <-ready }) {
		t.Error("READY=1 was not heard")
	}
}

// Nobody waits for what a room has left behind but who heard it; and so few of them may
// that a room which does it again and again is not started any more.
func TestRoomWhoseMessagesLingerIsGivenUp(t *testing.T) {
	s := &supervisor{log: new(klog.Log), events: make(chan event)}
	go func() {
		for range s.events { // whoever hears tells somebody
		}
	}()
	r := &room{Room: work(t), timer: time.NewTimer(0)}
	for range 9 {
		r.notify = loadedSocket(t)
		go hear(r.notify, &r.waiting, func() { s.events <- event{r, r.run, speaks} })
		if !returns(patience, r.close) || r.notify != nil {
			t.Fatal("it is waited for")
		}
	}
	for r.waiting.Load() != 9 {
		time.Sleep(time.Millisecond) // until each is there
	}
	const want = "critical room ?.?. failed: what it has sent along with messages lingers"
	if err := s.start(r); r.state != failed || r.Critical() && (err == nil || err.Error() != want) {
		t.Errorf("room %s is %v: %v", r.Name(), r.state, err)
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
