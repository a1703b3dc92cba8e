// Package judge judges what a policy says, once package blob has found that it can
// be read: names, paths, ranges, limits and order, and that rooms fit together. The
// compiler asks it of everything that it writes, and whoever verifies a release asks
// it again (encode.Read). Bay0 does not: the command line that it was booted with vouches for bytes
// that were judged, and what it never does is refused by the decoder.
package judge

import (
	"fmt"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
)

// fault says what is wrong with a policy: lower case, no full stop.
func fault(format string, args ...any) error {
	return fmt.Errorf("cannot accept the policy: "+format, args...)
}

// Policy reports the first value of v that no policy may have. The limits are
// package policy's; the reason for each is that Bay0 hands the values to the kernel
// as they are.
func Policy(v *blob.View) error {
	if err := machine(v); err != nil {
		return err
	}
	if err := invariants(v); err != nil {
		return err
	}
	for i := range v.Rooms() {
		r := v.Room(i)
		for _, part := range []func(blob.Room) error{identity, program, life, resources, files, channels, landlock, sorted} {
			if err := part(r); err != nil {
				return fmt.Errorf("%w (room %.64s)", err, r.Name())
			}
		}
	}
	if err := distinct(v); err != nil {
		return err
	}
	return order(v)
}

func machine(v *blob.View) error {
	switch version, floor := v.Version(), v.Floor(); {
	case !v.Arch().Valid():
		return fault("%v is unknown", v.Arch())
	case v.Rooms() < 1 || v.Rooms() > policy.MaxRooms:
		return fault("%d rooms, want 1 to %d", v.Rooms(), policy.MaxRooms)
	case version < 1 || version > policy.MaxVersion:
		return fault("version %d, want 1 to %d", version, policy.MaxVersion)
	case floor < 1 || floor > version:
		return fault("floor %d, want 1 to the version %d", floor, version)
	case v.LandlockABI() != abi.LandlockABI:
		return fault("Landlock ABI %d, want %d", v.LandlockABI(), abi.LandlockABI)
	case v.Settle() > policy.MaxSettle:
		return fault("settle time of %d ms, want at most %d", v.Settle(), policy.MaxSettle)
	case v.Watchdog() < policy.MinWatchdog || v.Watchdog() > policy.MaxWatchdog:
		return fault("watchdog timeout of %d s, want %d to %d", v.Watchdog(), policy.MinWatchdog, policy.MaxWatchdog)
	case !policy.ValidCommandLine(v.CommandLine()):
		return fault("%.64q is no kernel command line", v.CommandLine())
	}
	return nil
}

func invariants(v *blob.View) error {
	if n := v.Invariants(); n > policy.MaxInvariants {
		return fault("%d invariants, want at most %d", n, policy.MaxInvariants)
	}
	if err := ascending("rooms", v.Rooms(), func(i int) string { return string(v.Room(i).Name()) }); err != nil {
		return err
	}
	if err := ascending("invariants", v.Invariants(), func(i int) string { return string(v.Invariant(i).Path()) }); err != nil {
		return err
	}
	for i := range v.Invariants() {
		if err := invariant(v.Invariant(i)); err != nil {
			return err
		}
	}
	return nil
}

// invariant wants the fields of its kind, and none of another.
func invariant(i blob.Invariant) error {
	switch {
	case !policy.ValidInvariantPath(i.Path()):
		return fault("%.64q is no path below /proc or /sys", i.Path())
	case i.Kind() > abi.InvariantAbsent:
		return fault("there is no kind %d of invariant", i.Kind())
	case i.Kind() != abi.InvariantText && len(i.Text()) > 0:
		return fault("text %.64q of an invariant that is not judged by text", i.Text())
	case i.Kind() != abi.InvariantRange && (i.Min() != 0 || i.Max() != 0):
		return fault("range %d to %d of an invariant that is not judged by number", i.Min(), i.Max())
	case i.Min() > i.Max():
		return fault("range %d to %d, which holds no number", i.Min(), i.Max())
	}
	return nil
}

// distinct wants what rooms have of their own to be theirs alone.
func distinct(v *blob.View) error {
	users, groups, channels := map[uint32]bool{}, map[uint32]bool{}, map[uint32]bool{}
	take := func(taken map[uint32]bool, id uint32) bool {
		was := taken[id]
		taken[id] = true
		return was
	}
	for i := range v.Rooms() {
		r := v.Room(i)
		if take(users, r.UID()) {
			return fault("uid %d belongs to another room (room %s)", r.UID(), r.Name())
		}
		if take(groups, r.GID()) {
			return fault("gid %d belongs to another room (room %s)", r.GID(), r.Name())
		}
		for j := range r.Sockets().Len() {
			if s := r.Sockets().At(j); take(channels, s.GID()) {
				return fault("channel %d belongs to another socket (room %s)", s.GID(), r.Name())
			}
		}
	}
	return nil
}

// order refuses rooms that wait for each other in a circle: none would ever start.
// Rooms are taken away as long as one waits for no other that is left.
func order(v *blob.View) error {
	gone := make([]bool, v.Rooms())
	var visit func(i, depth int) error
	visit = func(i, depth int) error {
		if depth > v.Rooms() {
			return fault("room %q waits for itself", v.Room(i).Name())
		}
		after := v.Room(i).After()
		for j := range after.Len() {
			if next := int(after.At(j)); !gone[next] {
				if err := visit(next, depth+1); err != nil {
					return err
				}
			}
		}
		gone[i] = true
		return nil
	}
	for i := range v.Rooms() {
		if err := visit(i, 0); err != nil {
			return err
		}
	}
	return nil
}
