package judge

import (
	"bytes"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
)

func identity(r blob.Room) error {
	switch {
	case !policy.ValidRoomName(r.Name()):
		return fault("%.64q is no room name", r.Name())
	case !policy.ValidHostname(r.Hostname()):
		return fault("%.64q is no hostname", r.Hostname())
	case r.ImageSize() > policy.MaxImage:
		return fault("image of %d bytes, want at most %d", r.ImageSize(), policy.MaxImage)
	case (r.ImageSize() == 0) != bytes.Equal(r.ImageSHA256(), make([]byte, 32)):
		return fault("image of %d bytes whose digest says otherwise", r.ImageSize())
	}
	return nil
}

func program(r blob.Room) error {
	argv := r.Argv()
	switch {
	case argv.Len() > policy.MaxArguments:
		return fault("%d arguments, want at most %d", argv.Len(), policy.MaxArguments)
	case !policy.ValidPath(argv.At(0)):
		return fault("program %.64q is no absolute path", argv.At(0))
	case !policy.ValidPath(r.Directory()):
		return fault("working directory %.64q is no absolute path", r.Directory())
	case r.Environment().Len() > policy.MaxArguments:
		return fault("%d environment variables, want at most %d", r.Environment().Len(), policy.MaxArguments)
	}
	var last []byte
	for i := range r.Environment().Len() {
		word := r.Environment().At(i)
		if !policy.ValidAssignment(word) {
			return fault("%.64q is no KEY=value", word)
		}
		key, _, _ := bytes.Cut(word, []byte("="))
		if bytes.Equal(key, last) {
			return fault("environment variable %.64q stands twice", key)
		}
		last = key
	}
	return nil
}

func life(r blob.Room) error {
	log := r.Log()
	switch {
	case r.StartTimeout() < 1 || r.StartTimeout() > policy.MaxStartTimeout:
		return fault("start timeout of %d ms, want 1 to %d", r.StartTimeout(), policy.MaxStartTimeout)
	case r.StopTimeout() < 1 || r.StopTimeout() > policy.MaxStopTimeout:
		return fault("stop timeout of %d ms, want 1 to %d", r.StopTimeout(), policy.MaxStopTimeout)
	case r.Watchdog() > policy.MaxRoomWatchdog:
		return fault("watchdog of %d ms, want at most %d", r.Watchdog(), policy.MaxRoomWatchdog)
	case r.Watchdog() != 0 && !r.Notify():
		return fault("a watchdog for a room that has no socket to say WATCHDOG=1 on")
	case log.Burst < 1 || log.Burst > policy.MaxLogLines || log.PerSecond < 1 || log.PerSecond > policy.MaxLogLines:
		return fault("log limit of %d lines and %d a second, want 1 to %d", log.Burst, log.PerSecond, policy.MaxLogLines)
	case r.After().Len() > policy.MaxAfter:
		return fault("%d rooms to come after, want at most %d", r.After().Len(), policy.MaxAfter)
	}
	return restart(r)
}

// restart wants the numbers of a mode that restarts, and none for one that does not.
func restart(r blob.Room) error {
	how := r.Restart()
	switch {
	case how.Mode > abi.RestartAlways:
		return fault("there is no restart mode %d", how.Mode)
	case how.Mode == abi.RestartNever && how != abi.Restart{}:
		return fault("delays of a restart that never comes")
	case how.Mode == abi.RestartNever:
		return nil
	case r.Critical():
		return fault("a critical room that would be restarted")
	case how.Delay < 1 || how.Delay > how.DelayMax || how.DelayMax > policy.MaxRestartDelay:
		return fault("restart delay of %d to %d ms, want 1 to %d", how.Delay, how.DelayMax, policy.MaxRestartDelay)
	case how.Limit < 1 || how.Limit > policy.MaxRestartLimit:
		return fault("limit of %d restarts, want 1 to %d", how.Limit, policy.MaxRestartLimit)
	}
	return nil
}

func resources(r blob.Room) error {
	switch adj := r.OOMScoreAdj(); {
	case adj < 0 || adj > policy.MaxOOMScoreAdj:
		return fault("oom_score_adj %d, want 0 to %d", adj, policy.MaxOOMScoreAdj)
	case r.Cgroup().Len() > policy.MaxSettings:
		return fault("%d cgroup settings, want at most %d", r.Cgroup().Len(), policy.MaxSettings)
	}
	for i := range r.Cgroup().Len() {
		switch file, value := r.Cgroup().At(i); {
		case !policy.ValidCgroupFile(file):
			return fault("%.64q is no cgroup file", file)
		case len(value) == 0:
			return fault("an empty value for %s", file)
		}
	}
	for i := range r.Rlimits().Len() {
		switch l := r.Rlimits().At(i); {
		case l.Resource >= policy.RlimitCount:
			return fault("there is no resource limit %d", l.Resource)
		case l.Soft > l.Hard:
			return fault("soft limit %d above the hard one, %d", l.Soft, l.Hard)
		}
	}
	return nil
}

// channels are the sockets that the room provides and those that it may use.
func channels(r blob.Room) error {
	switch {
	case r.Sockets().Len() > policy.MaxSockets:
		return fault("%d sockets, want at most %d", r.Sockets().Len(), policy.MaxSockets)
	case r.Groups().Len() > policy.MaxGroups:
		return fault("%d groups, want at most %d", r.Groups().Len(), policy.MaxGroups)
	}
	for i := range r.Sockets().Len() {
		switch s := r.Sockets().At(i); {
		case !policy.ValidSocketName(s.Name()):
			return fault("%.64q is no socket name", s.Name())
		case !policy.ValidPath(s.Path()):
			return fault("socket at %.64q, which is no absolute path", s.Path())
		case s.Type() != abi.SocketStream && s.Type() != abi.SocketDatagram && s.Type() != abi.SocketSeqPacket:
			return fault("there is no socket type %d", s.Type())
		case !isChannel(s.GID()):
			return channelFault(s.GID())
		}
	}
	for i := range r.Groups().Len() {
		if gid := r.Groups().At(i); !isChannel(gid) {
			return channelFault(gid)
		}
	}
	return nil
}

func isChannel(gid uint32) bool { return gid >= policy.MinChannel && gid <= policy.MaxChannel }

func channelFault(gid uint32) error {
	return fault("channel %d, want %d to %d", gid, policy.MinChannel, policy.MaxChannel)
}
