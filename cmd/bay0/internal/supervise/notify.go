package supervise

import (
	"bytes"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// idle is how long Bay0 rests after a message that says nothing to it. The queue
// is short (net.unix.max_dgram_qlen), so a room that sends more waits itself:
// reading costs Bay0 time, which no room pays for.
const idle = 10 * time.Millisecond

// waitReady calls ready once, when a process of user uid has sent READY=1 to the
// socket (sd_notify(3)). The sender is the kernel's word, not the message's. It
// goes on reading, so that a room's later messages do not fail, until the socket
// is closed.
func waitReady(socket *os.File, uid uint32, ready func()) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return // the start timeout will tell
	}
	var message [4096]byte
	// Room for credentials only: descriptors that a room sends along are dropped
	// by the kernel, not opened here.
	control := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	for said := false; ; {
		var n, c int
		var flags int
		readErr := raw.Read(func(fd uintptr) bool {
			n, c, flags, _, err = unix.Recvmsg(int(fd), message[:], control, unix.MSG_CMSG_CLOEXEC)
			return err != unix.EAGAIN && err != unix.EINTR
		})
		if readErr != nil || err != nil {
			return
		}
		if !said && flags&unix.MSG_TRUNC == 0 && sentBy(control[:c], uid) && isReady(message[:n]) {
			said = true
			ready()
			continue
		}
		time.Sleep(idle)
	}
}

func sentBy(control []byte, uid uint32) bool {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return false
	}
	for i := range messages {
		if cred, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			return cred.Uid == uid
		}
	}
	return false
}

// isReady looks for one assignment among the lines of a notification.
func isReady(message []byte) bool {
	for line := range bytes.Lines(message) {
		if string(bytes.TrimSuffix(line, []byte("\n"))) == "READY=1" {
			return true
		}
	}
	return false
}
