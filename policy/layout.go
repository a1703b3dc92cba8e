package policy

import "github.com/anchor-os/anchor/policy/abi"

// Where rooms find what Bay0 binds. Bay0 has these paths from the policy alone.
const (
	NotifyTarget = "/run/notify"      // NOTIFY_SOCKET, abi.NotifySource on the machine
	ResolvConf   = "/run/resolv.conf" // of a room on the machine's network: resolv.conf(5), to which its image links
)

// SocketSource is where Bay0 makes a socket that a room provides, and SocketTarget
// where the rooms that may connect to it see it.
func SocketSource(room, socket string) string { return abi.RunDir + "/" + room + "/sockets/" + socket }
func SocketTarget(socket string) string       { return "/run/sockets/" + socket }
