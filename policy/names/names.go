// Package names gives the kernel's words for the bits and numbers of a policy,
// for people and for tools. Bay0 has no use for it.
package names

import (
	"fmt"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// Landlock names the file system rights in access, as landlock(7) does without
// the prefix LANDLOCK_ACCESS_FS_, in lower case.
func Landlock(access uint64) []string { return bits(access, landlock) }

// LandlockNet names the network rights in access likewise.
func LandlockNet(access uint64) []string { return bits(access, landlockNet) }

// MountAttributes names MOUNT_ATTR_* by the words of mount(8).
func MountAttributes(attributes uint64) []string { return bits(attributes, mountAttributes) }

// Namespaces names CLONE_NEW* by the words of lsns(8).
func Namespaces(flags uint64) []string { return bits(flags, namespaces) }

// Capabilities names a set of 1 << CAP_* as capabilities(7) does.
func Capabilities(set uint32) []string { return bits(uint64(set), capabilities) }

// Rlimit names a resource as prlimit(1) does.
func Rlimit(resource uint32) string {
	if int(resource) < len(rlimits) {
		return rlimits[resource]
	}
	return fmt.Sprintf("resource-%d", resource)
}

// Restart is the word that passports use for when a room is started again.
func Restart(mode abi.RestartMode) string {
	switch mode {
	case abi.RestartOnFailure:
		return "on-failure"
	case abi.RestartAlways:
		return "always"
	}
	return "never"
}

// SocketType is the word that passports use for the type of a socket.
func SocketType(t abi.SocketType) string {
	switch t {
	case abi.SocketStream:
		return "stream"
	case abi.SocketDatagram:
		return "datagram"
	case abi.SocketSeqPacket:
		return "seqpacket"
	}
	return fmt.Sprintf("socket type %d", uint32(t))
}

type bit struct {
	value uint64
	name  string
}

// bits names what is set in the order of the table. A bit without a name shows
// as a number: nothing that is granted may go unseen.
func bits(set uint64, table []bit) []string {
	names := []string{}
	for _, b := range table {
		if set&b.value != 0 {
			names = append(names, b.name)
			set &^= b.value
		}
	}
	if set != 0 {
		names = append(names, fmt.Sprintf("0x%x", set))
	}
	return names
}

var landlock = []bit{
	{policy.LandlockExecute, "execute"},
	{policy.LandlockReadFile, "read_file"},
	{policy.LandlockReadDir, "read_dir"},
	{policy.LandlockWriteFile, "write_file"},
	{policy.LandlockTruncate, "truncate"},
	{policy.LandlockRemoveFile, "remove_file"},
	{policy.LandlockRemoveDir, "remove_dir"},
	{policy.LandlockMakeReg, "make_reg"},
	{policy.LandlockMakeDir, "make_dir"},
	{policy.LandlockMakeSym, "make_sym"},
	{policy.LandlockMakeSock, "make_sock"},
	{policy.LandlockMakeFIFO, "make_fifo"},
	{policy.LandlockMakeChar, "make_char"},
	{policy.LandlockMakeBlock, "make_block"},
	{policy.LandlockRefer, "refer"},
	{policy.LandlockIoctlDev, "ioctl_dev"},
}

var landlockNet = []bit{
	{policy.LandlockConnectTCP, "connect_tcp"},
	{policy.LandlockBindTCP, "bind_tcp"},
}

var mountAttributes = []bit{
	{abi.MountReadOnly, "ro"},
	{abi.MountNoSUID, "nosuid"},
	{abi.MountNoDev, "nodev"},
	{abi.MountNoExec, "noexec"},
}

var namespaces = []bit{
	{abi.CloneNewNS, "mnt"},
	{abi.CloneNewPID, "pid"},
	{abi.CloneNewNet, "net"},
	{abi.CloneNewIPC, "ipc"},
	{abi.CloneNewUTS, "uts"},
	{abi.CloneNewCgroup, "cgroup"},
}

var capabilities = []bit{{abi.CapNetBindService, "CAP_NET_BIND_SERVICE"}}

// rlimits is by number: include/uapi/asm-generic/resource.h.
var rlimits = []string{
	"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile",
	"memlock", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime",
}
