package blob

import (
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// This file checks what the records say of a room's life among others: when it
// starts and starts again, and whom it can talk to.

func (c *checker) life(at int) error {
	v := c.v
	if ms := v.u32(at + wire.RoomStartTimeout); ms < 1 || ms > policy.MaxStartTimeout {
		return faultAt(at+wire.RoomStartTimeout, "start timeout of %d ms, want 1 to %d", ms, policy.MaxStartTimeout)
	}
	if ms := v.u32(at + wire.RoomStopTimeout); ms < 1 || ms > policy.MaxStopTimeout {
		return faultAt(at+wire.RoomStopTimeout, "stop timeout of %d ms, want 1 to %d", ms, policy.MaxStopTimeout)
	}
	if ms := v.u32(at + wire.RoomWatchdog); ms > policy.MaxRoomWatchdog {
		return faultAt(at+wire.RoomWatchdog, "watchdog of %d ms, want at most %d", ms, policy.MaxRoomWatchdog)
	}
	if v.u32(at+wire.RoomWatchdog) != 0 && v.u32(at+wire.RoomFlags)&wire.RoomFlagNotify == 0 {
		return faultAt(at+wire.RoomWatchdog, "a watchdog for a room that has no socket to say WATCHDOG=1 on")
	}
	if err := c.restart(at); err != nil {
		return err
	}
	burst, rate := v.u32(at+wire.RoomLogBurst), v.u32(at+wire.RoomLogPerSecond)
	if burst < 1 || burst > policy.MaxLogLines || rate < 1 || rate > policy.MaxLogLines {
		return faultAt(at+wire.RoomLogBurst, "log limit of %d lines and %d a second, want 1 to %d", burst, rate, policy.MaxLogLines)
	}
	return c.each(at+wire.RoomAfter, wire.After, policy.MaxAfter, func(at int) error {
		if i := v.u32(at); uint64(i) >= uint64(v.Rooms()) {
			return faultAt(at, "there is no room %d", i)
		}
		return nil
	})
}

// restart wants the numbers of a mode that restarts, and none for one that does not.
func (c *checker) restart(at int) error {
	v := c.v
	mode, delay := v.u32(at+wire.RoomRestart), v.u32(at+wire.RoomDelay)
	most, limit := v.u32(at+wire.RoomDelayMax), v.u32(at+wire.RoomLimit)
	if mode > uint32(abi.RestartAlways) {
		return faultAt(at+wire.RoomRestart, "there is no restart mode %d", mode)
	}
	if mode == uint32(abi.RestartNever) {
		return c.zero(at+wire.RoomDelay, at+wire.RoomLogBurst)
	}
	if v.u32(at+wire.RoomFlags)&wire.RoomFlagCritical != 0 {
		return faultAt(at+wire.RoomRestart, "a critical room that would be restarted")
	}
	if delay < 1 || delay > most || most > policy.MaxRestartDelay {
		return faultAt(at+wire.RoomDelay, "restart delay of %d to %d ms, want 1 to %d", delay, most, policy.MaxRestartDelay)
	}
	if limit < 1 || limit > policy.MaxRestartLimit {
		return faultAt(at+wire.RoomLimit, "limit of %d restarts, want 1 to %d", limit, policy.MaxRestartLimit)
	}
	return nil
}

// sockets checks what the room provides and which channels it is a member of.
func (c *checker) sockets(at int) error {
	v := c.v
	err := c.each(at+wire.RoomSockets, wire.Sockets, policy.MaxSockets, func(at int) error {
		if err := c.textLike(at+wire.SocketName, "socket name", policy.ValidSocketName[[]byte]); err != nil {
			return err
		}
		if err := c.textLike(at+wire.SocketPath, "absolute path", policy.ValidPath[[]byte]); err != nil {
			return err
		}
		switch t := abi.SocketType(v.u32(at + wire.SocketType)); t {
		case abi.SocketStream, abi.SocketDatagram, abi.SocketSeqPacket:
		default:
			return faultAt(at+wire.SocketType, "there is no socket type %d", t)
		}
		gid := v.u32(at + wire.SocketGID)
		if err := channel(at+wire.SocketGID, gid); err != nil {
			return err
		}
		if mark(c.channels[:], int(gid)) {
			return faultAt(at+wire.SocketGID, "channel %d belongs to another socket", gid)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(at+wire.RoomGroups, wire.Groups, policy.MaxGroups, func(at int) error {
		return channel(at, v.u32(at))
	})
}

func channel(at int, gid uint32) error {
	if gid < policy.MinChannel || gid > policy.MaxChannel {
		return faultAt(at, "channel %d, want %d to %d", gid, policy.MinChannel, policy.MaxChannel)
	}
	return nil
}

// order refuses rooms that wait for each other in a circle: none would ever start.
// Rooms are taken away as long as one waits for no other that is left.
func (c *checker) order() error {
	v := c.v
	var gone [abi.MaxRooms / 64]uint64
	var depth func(i int, seen int) error
	depth = func(i, seen int) error {
		if seen > v.Rooms() {
			return faultAt(v.at(wire.Rooms, i)+wire.RoomAfter, "room %q waits for itself", v.Room(i).Name())
		}
		after := v.Room(i).After()
		for j := range after.Len() {
			if next := int(after.At(j)); gone[next/64]&(1<<(next%64)) == 0 {
				if err := depth(next, seen+1); err != nil {
					return err
				}
			}
		}
		mark(gone[:], i)
		return nil
	}
	for i := range v.Rooms() {
		if err := depth(i, 0); err != nil {
			return err
		}
	}
	return nil
}
