package supervise

import (
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// idle is how long Bay0 rests after a message. The queue
// is short (net.unix.max_dgram_qlen), so a room that sends more waits itself:
// reading costs Bay0 time, which no room pays for.
const idle = 10 * time.Millisecond

// queue is as many messages as wait on a socket, and more.
const queue = 64

// hear tells whenever there is a message on the socket, until its deadline. Who is told
// takes it: so what a room said before it ended is known when it has.
//
// A message that brings descriptors nobody takes: it is dropped here. Whoever drops the
// last of a socket waits for as long as its sender wanted (socket(7), SO_LINGER), and so
// may whoever closes a socket that such a message is left in. For the supervisor neither
// is waited for; it may ask how many do.
func hear(socket *os.File, waiting *atomic.Int32, tell func()) {
	waiting.Add(1)
	defer func() { socket.Close(); waiting.Add(-1) }()
	raw, err := socket.SyscallConn()
	for err == nil {
		err = raw.Read(func(fd uintptr) bool {
			_, _, loaded, err := peek(fd, make([]byte, 1))
			if loaded {
				_, _ = unix.Read(int(fd), make([]byte, 1)) // and the rest of it is gone
			}
			return err != unix.EAGAIN && err != unix.EINTR
		})
		if err == nil {
			tell()
			time.Sleep(idle)
		}
	}
}

// peek looks at the next message and its sender. There is no room for descriptors: one
// that brings any is loaded, and keeps them.
func peek(fd uintptr, b []byte) (n int, sender []byte, loaded bool, err error) {
	control := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	n, c, flags, _, err := unix.Recvmsg(int(fd), b, control, unix.MSG_PEEK|unix.MSG_DONTWAIT)
	return n, control[:c], flags&unix.MSG_CTRUNC != 0, err
}

// take takes a message off the socket (sd_notify(3)), if there is one that is not loaded.
// It is nil if no process of user uid sent it: that is the kernel's word, not the
// message's.
func take(socket *os.File, uid uint32) (message []byte) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil // the start timeout will tell
	}
	_ = raw.Control(func(fd uintptr) { // an error is that it was closed
		var b [4096]byte
		n, sender, loaded, err := peek(fd, b[:])
		if err != nil || loaded {
			return
		}
		if n < len(b) && sentBy(sender, uid) {
			message = b[:n]
		}
		_, _ = unix.Read(int(fd), sender[:1]) // all of the message
	})
	return message
}

func sentBy(control []byte, uid uint32) bool {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) != 1 {
		return false
	}
	sender, err := unix.ParseUnixCredentials(&messages[0])
	return err == nil && sender.Uid == uid
}

// says reports whether an assignment is a line of the message.
func says(message []byte, assignment string) bool {
	return slices.Contains(strings.Split(string(message), "\n"), assignment)
}
