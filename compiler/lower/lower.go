// Package lower turns checked rooms into the policy that one machine enforces.
// Every number, string and order that Bay0 hands to the kernel is decided here,
// from tables of facts about the kernel: Bay0 only copies.
package lower

import (
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/seccomp"
	"github.com/anchor-os/anchor/policy"
)

// Policy is checked as arch enforces it. Rooms come out in the order of their
// names. images holds the room images by name; a room without one stays unbound.
// An error is a fault of this compiler or of its tables, never of a passport that
// was checked.
func Policy(arch policy.Arch, checked *check.Checked, images map[string]policy.Image) (policy.Policy, error) {
	system := checked.System
	p := policy.Policy{
		Arch:        arch,
		Version:     system.Version,
		Floor:       system.Floor,
		CommandLine: commandLine(system.CommandLine),
		LandlockABI: policy.LandlockABI,
		Settle:      10_000,
		Watchdog:    30,
	}
	if system.PowerOffOnFailure {
		p.OnFailure = policy.PowerOff
	}
	for _, r := range checked.Rooms {
		room, err := lowerRoom(arch, r)
		if err != nil {
			return policy.Policy{}, fmt.Errorf("cannot compile room %s: %w", r.Name, err)
		}
		room.Image = images[r.Name]
		p.Rooms = append(p.Rooms, room)
	}
	return p, nil
}

// commandLine adds what Bay0 needs: the kernel's log without a limit of its own,
// since each room has one, and the place as PID 1. With an initramfs the kernel
// runs rdinit; init is there so that a missing rdinit does not fall through to
// /sbin/init, /etc/init, /bin/init and /bin/sh (kernel: init/main.c).
func commandLine(parameters []string) string {
	return strings.Join(append(parameters[:len(parameters):len(parameters)],
		"printk.devkmsg=on", "rdinit="+policy.Bay0Path, "init="+policy.Bay0Path), " ")
}

func lowerRoom(arch policy.Arch, r check.Room) (policy.Room, error) {
	filter, err := seccomp.Compile(arch, systemCalls(r))
	if err != nil {
		return policy.Room{}, err
	}
	return policy.Room{
		Name:         r.Name,
		Hostname:     r.Hostname,
		Argv:         r.Exec,
		Environment:  environment(r),
		Directory:    r.WorkingDirectory,
		UID:          r.User,
		GID:          r.User,
		Critical:     r.Critical,
		Notify:       r.ReadinessNotify,
		StartTimeout: uint32(r.StartTimeout.Milliseconds()),
		OOMScoreAdj:  oomScoreAdj(r),
		Log:          policy.LogLimit{Burst: 500, PerSecond: 50},
		Namespaces:   policy.RoomNamespaces | policy.CloneNewNet,
		Cgroup:       cgroup(r),
		Rlimits:      rlimits(r),
		Mounts:       mounts(r),
		Binds:        binds(r),
		Landlock:     landlock(r),
		Filter:       filter,
	}, nil
}

// systemCalls allows no socket family but AF_UNIX: no room has a network yet.
func systemCalls(r check.Room) seccomp.Spec {
	spec := seccomp.Spec{Allow: r.SystemCalls.Calls, Families: []string{"AF_UNIX"}, Deny: seccomp.DenyErrno}
	if r.SystemCalls.Kill {
		spec.Deny = seccomp.DenyKill
	}
	return spec
}
