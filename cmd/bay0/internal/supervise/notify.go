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

// hear tells what a process of user uid says on the socket (sd_notify(3)): that
// the room is ready, and that it is alive. The sender is the kernel's word, not the
// message's. It goes on until the socket is closed.
func hear(socket *os.File, uid uint32, tell func(kind)) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return // the start timeout will tell
	}
	var message [4096]byte
	// Room for credentials only: descriptors that a room sends along are dropped
	// by the kernel, not opened here.
	control := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	for {
		var n, c, flags int
		readErr := raw.Read(func(fd uintptr) bool {
			n, c, flags, _, err = unix.Recvmsg(int(fd), message[:], control, unix.MSG_CMSG_CLOEXEC)
			return err != unix.EAGAIN && err != unix.EINTR
		})
		if readErr != nil || err != nil {
			return
		}
		if flags&unix.MSG_TRUNC == 0 && sentBy(control[:c], uid) {
			for _, k := range said(message[:n]) {
				tell(k)
			}
		}
		time.Sleep(idle)
	}
}

func sentBy(control []byte, uid uint32) bool {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) != 1 {
		return false
	}
	sender, err := unix.ParseUnixCredentials(&messages[0])
	return err == nil && sender.Uid == uid
}

// said looks for the assignments that mean something among the lines of a
// notification. However often it repeats one, it says it once.
func said(message []byte) (all []kind) {
	lines := strings.Split(string(message), "\n")
	if slices.Contains(lines, "READY=1") {
		all = append(all, saysReady)
	}
	if slices.Contains(lines, "WATCHDOG=1") {
		all = append(all, saysAlive)
	}
	return all
}
