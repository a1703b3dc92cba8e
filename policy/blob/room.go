package blob

import (
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// Room is one room of a View. Its accessors have the meaning of the fields of
// policy.Room.
type Room struct{ record }

func (r Room) Name() []byte         { return r.text(wire.RoomName) }
func (r Room) Hostname() []byte     { return r.text(wire.RoomHostname) }
func (r Room) Directory() []byte    { return r.text(wire.RoomDirectory) }
func (r Room) UID() uint32          { return r.u32(wire.RoomUID) }
func (r Room) GID() uint32          { return r.u32(wire.RoomGID) }
func (r Room) Namespaces() uint64   { return r.u64(wire.RoomNamespaces) }
func (r Room) StartTimeout() uint32 { return r.u32(wire.RoomStartTimeout) }
func (r Room) StopTimeout() uint32  { return r.u32(wire.RoomStopTimeout) }
func (r Room) Watchdog() uint32     { return r.u32(wire.RoomWatchdog) }
func (r Room) Capabilities() uint32 { return r.u32(wire.RoomCapabilities) }
func (r Room) OOMScoreAdj() int32   { return int32(r.u32(wire.RoomOOMScoreAdj)) }
func (r Room) HandledFS() uint64    { return r.u64(wire.RoomHandledFS) }
func (r Room) HandledNet() uint64   { return r.u64(wire.RoomHandledNet) }
func (r Room) Scoped() uint64       { return r.u64(wire.RoomScoped) }
func (r Room) ImageSize() uint64    { return r.u64(wire.RoomImageSize) }

func (r Room) Critical() bool { return r.u32(wire.RoomFlags)&wire.RoomFlagCritical != 0 }
func (r Room) Notify() bool   { return r.u32(wire.RoomFlags)&wire.RoomFlagNotify != 0 }

// Restart is when and how the room is started again.
func (r Room) Restart() abi.Restart {
	mode := abi.RestartMode(r.u32(wire.RoomRestart))
	return abi.Restart{Mode: mode, Delay: r.u32(wire.RoomDelay), DelayMax: r.u32(wire.RoomDelayMax), Limit: r.u32(wire.RoomLimit)}
}

// Log bounds what the room can write to the log.
func (r Room) Log() abi.LogLimit {
	return abi.LogLimit{Burst: r.u32(wire.RoomLogBurst), PerSecond: r.u32(wire.RoomLogPerSecond)}
}

// ImageSHA256 is 32 bytes.
func (r Room) ImageSHA256() []byte {
	at := r.at + wire.RoomImageSHA256
	return r.v.b[at : at+32 : at+32]
}

// Filter is the room's seccomp program.
func (r Room) Filter() Filter { return r.filter(wire.RoomFilter) }

func (r Room) Argv() Words        { return Words{r.list(wire.RoomArgv, wire.Words)} }
func (r Room) Environment() Words { return Words{r.list(wire.RoomEnvironment, wire.Words)} }
func (r Room) After() Numbers     { return Numbers{r.list(wire.RoomAfter, wire.After)} }
func (r Room) Groups() Numbers    { return Numbers{r.list(wire.RoomGroups, wire.Groups)} }
func (r Room) Files() Pairs       { return Pairs{r.list(wire.RoomFiles, wire.Files)} }
func (r Room) Cgroup() Pairs      { return Pairs{r.list(wire.RoomCgroup, wire.Settings)} }
func (r Room) Sockets() Sockets   { return Sockets{r.list(wire.RoomSockets, wire.Sockets)} }
func (r Room) Ports() Ports       { return Ports{r.list(wire.RoomPorts, wire.Ports)} }
func (r Room) Rlimits() Rlimits   { return Rlimits{r.list(wire.RoomRlimits, wire.Rlimits)} }
func (r Room) Mounts() Mounts     { return Mounts{r.list(wire.RoomMounts, wire.Mounts)} }
func (r Room) Binds() Binds       { return Binds{r.list(wire.RoomBinds, wire.Binds)} }
func (r Room) Paths() Paths       { return Paths{r.list(wire.RoomPaths, wire.Paths)} }

// Sockets is a list of sockets that the room provides.
type Sockets struct{ list }

func (s Sockets) At(i int) Socket { return Socket{s.record(i)} }

// Socket has the meaning of policy.Socket.
type Socket struct{ record }

func (s Socket) Name() []byte         { return s.text(wire.SocketName) }
func (s Socket) Path() []byte         { return s.text(wire.SocketPath) }
func (s Socket) Type() abi.SocketType { return abi.SocketType(s.u32(wire.SocketType)) }
func (s Socket) GID() uint32          { return s.u32(wire.SocketGID) }

// Ports is a list of Landlock rules.
type Ports struct{ list }

func (p Ports) At(i int) abi.PortRule {
	r := p.record(i)
	return abi.PortRule{Port: uint16(r.u32(wire.PortPort)), Access: r.u64(wire.PortAccess)}
}

// Paths is a list of Landlock rules.
type Paths struct{ list }

func (p Paths) At(i int) (path []byte, access uint64) {
	r := p.record(i)
	return r.text(wire.PathPath), r.u64(wire.PathAccess)
}

// Rlimits is a list of resource limits.
type Rlimits struct{ list }

func (l Rlimits) At(i int) abi.Rlimit {
	r := l.record(i)
	return abi.Rlimit{Resource: r.u32(wire.RlimitResource), Soft: r.u64(wire.RlimitSoft), Hard: r.u64(wire.RlimitHard)}
}

// Mounts is a list of file systems to make.
type Mounts struct{ list }

func (m Mounts) At(i int) Mount { return Mount{m.record(i)} }

// Mount has the meaning of policy.Mount.
type Mount struct{ record }

func (m Mount) Target() []byte     { return m.text(wire.MountTarget) }
func (m Mount) Type() []byte       { return m.text(wire.MountType) }
func (m Mount) Attributes() uint64 { return m.u64(wire.MountAttributes) }
func (m Mount) Options() Pairs     { return Pairs{m.list(wire.MountOptions, wire.Options)} }

// Partition is the name of the partition that holds the file system, or empty.
func (m Mount) Partition() []byte { return m.text(wire.MountPartition) }

// Binds is a list of nodes that the room sees.
type Binds struct{ list }

func (b Binds) At(i int) Bind { return Bind{b.record(i)} }

// Bind has the meaning of policy.Bind.
type Bind struct{ record }

func (b Bind) Target() []byte     { return b.text(wire.BindTarget) }
func (b Bind) Source() []byte     { return b.text(wire.BindSource) }
func (b Bind) Attributes() uint64 { return b.u64(wire.BindAttributes) }
func (b Bind) Kind() uint32       { return b.u32(wire.BindKind) }
func (b Bind) Major() uint32      { return b.u32(wire.BindMajor) }
func (b Bind) Minor() uint32      { return b.u32(wire.BindMinor) }
func (b Bind) GID() uint32        { return b.u32(wire.BindGID) }
