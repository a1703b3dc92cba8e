package blob

import (
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// Room is one room of a View. Its accessors have the meaning of the fields of
// policy.Room.
type Room struct{ record }

func (r Room) Name() []byte       { return r.text(0) }
func (r Room) Hostname() []byte   { return r.text(8) }
func (r Room) Directory() []byte  { return r.text(16) }
func (r Room) Filter() Filter     { return r.filter(24) }
func (r Room) Argv() Words        { return Words{r.list(32, wire.Words)} }
func (r Room) Environment() Words { return Words{r.list(40, wire.Words)} }
func (r Room) After() Numbers     { return Numbers{r.list(48, wire.After)} }
func (r Room) Groups() Numbers    { return Numbers{r.list(56, wire.Groups)} }
func (r Room) Cgroup() Pairs      { return Pairs{r.list(64, wire.Settings)} }
func (r Room) Rlimits() Rlimits   { return Rlimits{r.list(72, wire.Rlimits)} }
func (r Room) Mounts() Mounts     { return Mounts{r.list(80, wire.Mounts)} }
func (r Room) Binds() Binds       { return Binds{r.list(88, wire.Binds)} }
func (r Room) Files() Pairs       { return Pairs{r.list(96, wire.Files)} }
func (r Room) Sockets() Sockets   { return Sockets{r.list(104, wire.Sockets)} }
func (r Room) Paths() Paths       { return Paths{r.list(112, wire.Paths)} }
func (r Room) Ports() Ports       { return Ports{r.list(120, wire.Ports)} }

func (r Room) Namespaces() uint64   { return r.u64(128) }
func (r Room) ImageSize() uint64    { return r.u64(136) }
func (r Room) ImageSHA256() []byte  { return r.v.b[r.at+144 : r.at+176 : r.at+176] }
func (r Room) HandledFS() uint64    { return r.u64(176) }
func (r Room) HandledNet() uint64   { return r.u64(184) }
func (r Room) Scoped() uint64       { return r.u64(192) }
func (r Room) Critical() bool       { return r.u32(200)&wire.RoomFlagCritical != 0 }
func (r Room) Notify() bool         { return r.u32(200)&wire.RoomFlagNotify != 0 }
func (r Room) UID() uint32          { return r.u32(204) }
func (r Room) GID() uint32          { return r.u32(208) }
func (r Room) Capabilities() uint32 { return r.u32(212) }
func (r Room) OOMScoreAdj() int32   { return int32(r.u32(216)) }
func (r Room) StartTimeout() uint32 { return r.u32(220) }
func (r Room) StopTimeout() uint32  { return r.u32(224) }
func (r Room) Watchdog() uint32     { return r.u32(228) }

// Restart is when and how the room is started again.
func (r Room) Restart() abi.Restart {
	return abi.Restart{Mode: abi.RestartMode(r.u32(232)), Delay: r.u32(236), DelayMax: r.u32(240), Limit: r.u32(244)}
}

// Log bounds what the room can write to the log.
func (r Room) Log() abi.LogLimit {
	return abi.LogLimit{Burst: r.u32(248), PerSecond: r.u32(252)}
}

// Sockets is a list of sockets that the room provides.
type Sockets struct{ list }

func (s Sockets) At(i int) Socket { return Socket{s.record(i)} }

// Socket has the meaning of policy.Socket.
type Socket struct{ record }

func (s Socket) Name() []byte         { return s.text(0) }
func (s Socket) Path() []byte         { return s.text(8) }
func (s Socket) Type() abi.SocketType { return abi.SocketType(s.u32(16)) }
func (s Socket) GID() uint32          { return s.u32(20) }

// Ports is a list of Landlock rules.
type Ports struct{ list }

func (p Ports) At(i int) abi.PortRule {
	r := p.record(i)
	return abi.PortRule{Port: r.v.u16(r.at), Access: r.u64(2)}
}

// Paths is a list of Landlock rules.
type Paths struct{ list }

func (p Paths) At(i int) (path []byte, access uint64) {
	r := p.record(i)
	return r.text(0), r.u64(8)
}

// Rlimits is a list of resource limits.
type Rlimits struct{ list }

func (l Rlimits) At(i int) abi.Rlimit {
	r := l.record(i)
	return abi.Rlimit{Resource: r.u32(0), Soft: r.u64(4), Hard: r.u64(12)}
}

// Mounts is a list of file systems to make.
type Mounts struct{ list }

func (m Mounts) At(i int) Mount { return Mount{m.record(i)} }

// Mount has the meaning of policy.Mount.
type Mount struct{ record }

func (m Mount) Target() []byte     { return m.text(0) }
func (m Mount) Type() []byte       { return m.text(8) }
func (m Mount) Attributes() uint64 { return m.u64(32) }
func (m Mount) Options() Pairs     { return Pairs{m.list(16, wire.Options)} }

// Partition is the name of the partition that holds the file system, or empty.
func (m Mount) Partition() []byte { return m.text(24) }

// Binds is a list of nodes that the room sees.
type Binds struct{ list }

func (b Binds) At(i int) Bind { return Bind{b.record(i)} }

// Bind has the meaning of policy.Bind.
type Bind struct{ record }

func (b Bind) Target() []byte     { return b.text(0) }
func (b Bind) Source() []byte     { return b.text(8) }
func (b Bind) Attributes() uint64 { return b.u64(16) }
func (b Bind) Kind() uint32       { return b.u32(24) }
func (b Bind) Major() uint32      { return b.u32(28) }
func (b Bind) Minor() uint32      { return b.u32(32) }
func (b Bind) GID() uint32        { return b.u32(36) }
