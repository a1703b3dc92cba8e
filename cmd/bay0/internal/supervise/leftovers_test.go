package supervise

import (
	"errors"
	"math"
	"net"
	"os"
	"testing"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/watchdog"
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
		if !returns(patience, func() { untilTaken(t, r.notify) }) {
			t.Fatal("it was not heard")
		}
		if !returns(patience, r.close) || r.notify != nil {
			t.Fatal("it is waited for")
		}
	}
	if n := r.waiting.Load(); n != 9 {
		t.Fatalf("%d linger", n)
	}
	const want = "critical room ?.?. failed: what it has sent along with messages lingers"
	if err := s.start(r); r.state != failed || r.Critical() && (err == nil || err.Error() != want) {
		t.Errorf("room %s is %v: %v", r.Name(), r.state, err)
	}
}

// untilTaken waits until nothing is left in a socket: from then on who has taken it
// lingers.
func untilTaken(t *testing.T, socket *os.File) {
	raw, err := socket.SyscallConn()
	if err != nil {
		t.Error(err)
	}
	for err == nil {
		var left error
		err = raw.Control(func(fd uintptr) { _, _, _, left = peek(fd, make([]byte, 1)) })
		if left == unix.EAGAIN {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Eight of them are not too many: the launcher is asked. It says that it cannot, so the
// room is to be started again.
func TestRoomWithFewMessagesThatLingerIsStarted(t *testing.T) {
	for linger, want := range map[int32]state{0: resting, 8: resting, 9: failed} {
		inTime(t, waiting, func(w watched) {
			w.pid, w.dog = 0, new(watchdog.Timer)
			w.launcher = &launch.Launcher{PID: w.program.Process.Pid}
			answerAtZero(w.t, role.Message{Kind: role.Failed, Text: "no"})
			w.waiting.Store(linger)
			if err := w.start(w.room); err != nil || w.state != want {
				w.t.Errorf("with %d it is %v, want %v: %v", linger, w.state, want, err)
			}
		})
	}
}

// answerAtZero puts a socket in place of descriptor 0, with the launcher's next answer in
// it: that is where a launcher which nobody has spawned is spoken with.
func answerAtZero(t *testing.T, answer role.Message) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	input, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(answer.Send(pair[1]), unix.Dup3(pair[0], 0, unix.O_CLOEXEC)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Dup3(input, 0, 0); err != nil {
			t.Error(err)
		}
		for _, fd := range append(pair[:], input) {
			unix.Close(fd)
		}
	})
}

// What is left of a room that was killed and does not end is let go of, as if it had
// ended: nobody hears it, and nobody reads for good what it writes.
func TestRoomThatDoesNotEndIsLetGo(t *testing.T) {
	log, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	const nobody = math.MaxInt32 // no process has that number
	w := watched{t, &supervisor{log: new(klog.Log)}, &room{Room: work(t), pid: nobody, state: ready, log: log, timer: time.NewTimer(0)}, nil}
	w.notifies()
	deaf := make(chan struct{})
	go func(socket *os.File) {
		hear(socket, &w.waiting, func() {})
		close(deaf)
	}(w.notify)
	w.hears(event{w.room, w.run, isImmortal})
	if w.state != failed || w.lives() || w.notify != nil {
		t.Errorf("it is %v, lives: %v, is heard: %v", w.state, w.lives(), w.notify != nil)
	}
	if !returns(patience, func() { <-deaf }) {
		t.Error("it is still heard")
	}
	output := new(klog.Log).Stream("web", abi.LogLimit{Burst: 1, PerSecond: 1})
	if !returns(patience, func() { output.Copy(log) }) {
		t.Error("what it writes is still read")
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
