package supervise

import (
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// idle is how long Bay0 rests after a message. The queue
// is short (net.unix.max_dgram_qlen), so a room that sends more waits itself:
// reading costs Bay0 time, which no room pays for.
const idle = 10 * time.Millisecond

// queue is as many messages as wait on a socket, and more.
const queue = 64

// hear tells whenever there is a message on the socket, for as long as that is open.
// Who is told takes it: so what a room said before it ended is known when it has.
func hear(socket *os.File, tell func()) {
	raw, err := socket.SyscallConn()
	for err == nil {
		err = raw.Read(func(fd uintptr) bool {
			_, _, _, _, err := unix.Recvmsg(int(fd), nil, nil, unix.MSG_PEEK)
			return err != unix.EAGAIN && err != unix.EINTR
		})
		if err == nil { // else it was closed
			tell()
			time.Sleep(idle)
		}
	}
}

// take takes a message off the socket (sd_notify(3)), if there is one. It is nil if
// no process of user uid sent it: that is the kernel's word, not the message's.
//
// One that brings descriptors is loaded, and left where it is: whoever takes it drops
// them, and to drop the last of a socket can take as long as its sender wanted
// (socket(7), SO_LINGER).
func take(socket *os.File, uid uint32) (message []byte, loaded bool) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, false // the start timeout will tell
	}
	_ = raw.Control(func(fd uintptr) { // an error is that it was closed
		var b [4096]byte
		control := make([]byte, unix.CmsgSpace(unix.SizeofUcred)) // and for nothing else
		n, c, flags, _, err := unix.Recvmsg(int(fd), b[:], control, unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if loaded = flags&unix.MSG_CTRUNC != 0; err != nil || loaded {
			return
		}
		if flags&unix.MSG_TRUNC == 0 && sentBy(control[:c], uid) {
			message = b[:n]
		}
		_, _ = unix.Read(int(fd), control[:1]) // all of it: it is a datagram
	})
	return message, loaded
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
