// Package lower turns checked rooms into the policy that one machine enforces.
// Every number, string and order that Bay0 hands to the kernel is decided here,
// from tables of facts about the kernel: Bay0 only copies.
package lower

import (
	"fmt"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/compiler/seccomp"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// Policy is checked as arch enforces it. Rooms come out in the order of their
// names. images holds the room images by name; a room without one stays unbound.
// rules give what must hold of the running kernel.
// An error is a fault of this compiler or of its tables, never of a passport that
// was checked.
func Policy(arch abi.Arch, checked *check.Checked, images map[string]policy.Image, rules hardening.Rules) (policy.Policy, error) {
	system := checked.System
	p := policy.Policy{
		Arch:        arch,
		Version:     system.Version,
		Floor:       system.Floor,
		CommandLine: commandLine(system, rules.CommandLine(arch)),
		Invariants:  rules.Invariants(arch),
		LandlockABI: abi.LandlockABI,
		SecureBoot:  system.SecureBootRequired,
		Settle:      milliseconds(system.Settle),
		Watchdog:    uint32(system.Watchdog.Seconds()),
	}
	if system.PowerOffOnFailure {
		p.OnFailure = abi.PowerOff
	}
	var err error
	if p.Filter, err = seccomp.Governor(arch); err != nil {
		return policy.Policy{}, fmt.Errorf("cannot compile Bay0's filter: %w", err)
	}
	m := &machine{arch, system, channels(checked.Rooms)}
	for _, r := range checked.Rooms {
		room, err := m.room(r)
		if err != nil {
			return policy.Policy{}, fmt.Errorf("cannot compile room %s: %w", r.Name, err)
		}
		room.Image = images[r.Name]
		p.Rooms = append(p.Rooms, room)
	}
	return p, nil
}

// machine is what the lowering of a room needs to know beyond the room.
type machine struct {
	arch     abi.Arch
	system   check.System
	channels map[string]uint32 // gid of each socket, by its name, and device, by its path
}

func (m *machine) room(r check.Room) (policy.Room, error) {
	filter, err := seccomp.Compile(m.arch, systemCalls(r))
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
		StartTimeout: milliseconds(r.StartTimeout),
		StopTimeout:  milliseconds(r.StopTimeout),
		Watchdog:     milliseconds(r.Watchdog),
		Capabilities: capabilities(r),
		OOMScoreAdj:  oomScoreAdj(r),
		Namespaces:   namespaces(r),
		After:        r.After,
		Restart:      restart(r),
		Log:          logLimit,
		Groups:       m.groups(r),
		Cgroup:       cgroup(r),
		Rlimits:      rlimits(r),
		Mounts:       mounts(r),
		Binds:        m.binds(r),
		Files:        m.files(r),
		Sockets:      m.sockets(r),
		Landlock:     landlock(r),
		Filter:       filter,
	}, nil
}
