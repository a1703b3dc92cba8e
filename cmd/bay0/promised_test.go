package main_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// What a policy promises of a room's mounts and nodes, in the kernel's words.

// mountsOf are the mounts that a policy gives a room, sorted. Those of the image
// are Bay0's own, for every room the same.
func mountsOf(r policy.Room) []string {
	say := func(target string, attributes uint64, kind string) string {
		return fmt.Sprintf("%s %s %s", target, attributeWords(attributes), kind)
	}
	all := []string{say("/", abi.MountReadOnly|abi.MountNoSUID|abi.MountNoDev, "squashfs")}
	for _, m := range r.Mounts {
		all = append(all, say(m.Target, m.Attributes, m.Type))
	}
	for _, b := range r.Binds {
		kind := "devtmpfs"
		if b.Kind == policy.KindSocket {
			kind = "tmpfs" // the machine's /run
		}
		all = append(all, say(b.Target, b.Attributes, kind))
	}
	slices.Sort(all)
	return all
}

// attributeWords are a mount's attributes as the kernel writes them
// (proc_pid_mountinfo(5)).
func attributeWords(attributes uint64) string {
	words := []string{"rw"}
	if attributes&abi.MountReadOnly != 0 {
		words[0] = "ro"
	}
	for _, a := range []struct {
		attribute uint64
		word      string
	}{{abi.MountNoSUID, "nosuid"}, {abi.MountNoDev, "nodev"}, {abi.MountNoExec, "noexec"}} {
		if attributes&a.attribute != 0 {
			words = append(words, a.word)
		}
	}
	return strings.Join(words, ",")
}

// nodeOf is a node as the policy wants it. A device without a group is for
// everybody, as the kernel made it; the notify socket is the room's alone; for the
// rest it is the group that counts.
func nodeOf(r policy.Room, b policy.Bind, socketGroup uint32) string {
	mode, owner, group := uint32(0o660), uint32(0), b.GID
	switch {
	case b.Target == policy.NotifyTarget:
		mode, owner, group = 0o600, r.UID, r.GID
	case b.Kind == policy.KindSocket:
		group = socketGroup
	case group == 0:
		mode = 0o666
	}
	return fmt.Sprintf("%s %06o %d:%d %d:%d", b.Target, b.Kind|mode, owner, group, b.Major, b.Minor)
}

// onlyAttributes leaves out when times of access are written, of which no policy
// says anything.
func onlyAttributes(mount string) string { return strings.Replace(mount, ",relatime", "", 1) }
