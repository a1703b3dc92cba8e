package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// What a room shows of itself is held to the policy that the machine was booted
// with, both ways: nothing is missing, and nothing is there besides.

// checkMounts compares /proc/self/mountinfo of every room.
func checkMounts(t *testing.T, p policy.Policy, result vm.Result) {
	different := map[string]bool{}
	for _, r := range p.Rooms {
		want := mountsOf(r)
		for _, mount := range want {
			different[strings.Fields(mount)[1]] = true
		}
		if diff := cmp.Diff(want, shown(result, r.Name, "mount ", onlyAttributes)); diff != "" {
			t.Errorf("room %s (-policy +room):\n%s", r.Name, diff)
		}
	}
	// Else it would be no wonder that all agree: the image, what Bay0 fills, what the
	// room may write to, sockets, devices.
	if len(different) < 4 {
		t.Errorf("the policy has mounts of %d kinds only: %v", len(different), different)
	}
}

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

// onlyAttributes leaves out when times of access are written, of which no policy
// says anything.
func onlyAttributes(mount string) string { return strings.Replace(mount, ",relatime", "", 1) }

// checkNodes compares type, mode, owner, group and number of every node that a
// room finds in /dev and /run.
func checkNodes(t *testing.T, p policy.Policy, result vm.Result) {
	groups := map[string]uint32{} // of each socket, by where the machine has it
	for _, r := range p.Rooms {
		for _, s := range r.Sockets {
			groups[s.Path] = s.GID
		}
	}
	shared := 0
	for _, r := range p.Rooms {
		var want []string
		for _, b := range r.Binds {
			if b.GID != 0 || groups[b.Source] != 0 {
				shared++
			}
			want = append(want, nodeOf(r, b, groups[b.Source]))
		}
		slices.Sort(want)
		same := func(node string) string { return node }
		if diff := cmp.Diff(want, shown(result, r.Name, "node ", same)); diff != "" {
			t.Errorf("room %s (-policy +room):\n%s", r.Name, diff)
		}
	}
	if shared < 3 {
		t.Errorf("the policy has %d nodes with a group only", shared)
	}
}

// nodeOf is a node as the policy wants it. A device without a group is for
// everybody, as the kernel made it; the notify socket is the room's alone; for the
// rest it is the group that counts.
func nodeOf(r policy.Room, b policy.Bind, socketGroup uint32) string {
	mode, owner, group := uint32(0o660), uint32(0), b.GID
	switch {
	case b.Target == abi.NotifyTarget:
		mode, owner, group = 0o600, r.UID, r.GID
	case b.Kind == policy.KindSocket:
		group = socketGroup
	case group == 0:
		mode = 0o666
	}
	return fmt.Sprintf("%s %06o %d:%d %d:%d", b.Target, b.Kind|mode, owner, group, b.Major, b.Minor)
}

// shown are the lines of one kind that a room has shown, without those of an
// earlier run, sorted.
func shown(result vm.Result, room, kind string, change func(string) string) (all []string) {
	for _, text := range lines(result, room) {
		if rest, found := strings.CutPrefix(text, kind); found {
			all = append(all, change(rest))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
