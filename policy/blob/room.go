package blob

import (
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// Room is one room of a View. Its accessors have the meaning of the fields of
// policy.Room.
type Room struct {
	v  *View
	at int
}

func (r Room) u32(field int) uint32 { return r.v.u32(r.at + field) }
func (r Room) u64(field int) uint64 { return r.v.u64(r.at + field) }

func (r Room) Name() []byte         { return r.v.text(r.at + wire.RoomName) }
func (r Room) Hostname() []byte     { return r.v.text(r.at + wire.RoomHostname) }
func (r Room) Directory() []byte    { return r.v.text(r.at + wire.RoomDirectory) }
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
	return abi.Restart{
		Mode:     abi.RestartMode(r.u32(wire.RoomRestart)),
		Delay:    r.u32(wire.RoomDelay),
		DelayMax: r.u32(wire.RoomDelayMax),
		Limit:    r.u32(wire.RoomLimit),
	}
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
func (r Room) Filter() Filter { return r.v.filter(int(r.u32(wire.RoomFilter))) }

func (r Room) list(field, table int) list {
	at := r.at + field
	return list{r.v, r.v.at(table, int(r.v.u32(at))), int(r.v.u32(at + 4))}
}

func (r Room) Argv() Words        { return Words{r.list(wire.RoomArgv, wire.Words)} }
func (r Room) Environment() Words { return Words{r.list(wire.RoomEnvironment, wire.Words)} }
func (r Room) After() Numbers     { return Numbers{r.list(wire.RoomAfter, wire.After)} }
func (r Room) Groups() Numbers    { return Numbers{r.list(wire.RoomGroups, wire.Groups)} }
func (r Room) Files() Files       { return Files{r.list(wire.RoomFiles, wire.Files)} }
func (r Room) Sockets() Sockets   { return Sockets{r.list(wire.RoomSockets, wire.Sockets)} }
func (r Room) Ports() Ports       { return Ports{r.list(wire.RoomPorts, wire.Ports)} }
func (r Room) Cgroup() Settings   { return Settings{r.list(wire.RoomCgroup, wire.Settings)} }
func (r Room) Rlimits() Rlimits   { return Rlimits{r.list(wire.RoomRlimits, wire.Rlimits)} }
func (r Room) Mounts() Mounts     { return Mounts{r.list(wire.RoomMounts, wire.Mounts)} }
func (r Room) Binds() Binds       { return Binds{r.list(wire.RoomBinds, wire.Binds)} }
func (r Room) Paths() Paths       { return Paths{r.list(wire.RoomPaths, wire.Paths)} }

// list is a run of records of one table.
type list struct {
	v   *View
	at  int // of the first record
	len int
}

// Len is the number of entries; At takes 0 ≤ i < Len.
func (l list) Len() int { return l.len }

// Words is a list of strings.
type Words struct{ list }

func (w Words) At(i int) []byte { return w.v.text(w.at + i*wire.WordSize) }

// Numbers is a list of rooms, by their places in the View, or of gids.
type Numbers struct{ list }

func (n Numbers) At(i int) uint32 { return n.v.u32(n.at + 4*i) }

// Files is a list of files that the room finds.
type Files struct{ list }

func (f Files) At(i int) (target, content []byte) {
	at := f.at + i*wire.FileSize
	return f.v.text(at + wire.FileTarget), f.v.text(at + wire.FileContent)
}

// Sockets is a list of sockets that the room provides.
type Sockets struct{ list }

func (s Sockets) At(i int) Socket { return Socket{s.v, s.at + i*wire.SocketSize} }

// Socket has the meaning of policy.Socket.
type Socket struct {
	v  *View
	at int
}

func (s Socket) Name() []byte         { return s.v.text(s.at + wire.SocketName) }
func (s Socket) Path() []byte         { return s.v.text(s.at + wire.SocketPath) }
func (s Socket) Type() abi.SocketType { return abi.SocketType(s.v.u32(s.at + wire.SocketType)) }
func (s Socket) GID() uint32          { return s.v.u32(s.at + wire.SocketGID) }

// Ports is a list of Landlock rules.
type Ports struct{ list }

func (p Ports) At(i int) abi.PortRule {
	at := p.at + i*wire.PortSize
	return abi.PortRule{Port: uint16(p.v.u32(at + wire.PortPort)), Access: p.v.u64(at + wire.PortAccess)}
}

// Settings is a list of cgroup files and their contents.
type Settings struct{ list }

func (s Settings) At(i int) (file, value []byte) {
	at := s.at + i*wire.SettingSize
	return s.v.text(at + wire.SettingFile), s.v.text(at + wire.SettingValue)
}

// Rlimits is a list of resource limits.
type Rlimits struct{ list }

func (l Rlimits) At(i int) abi.Rlimit {
	at := l.at + i*wire.RlimitSize
	return abi.Rlimit{
		Resource: l.v.u32(at + wire.RlimitResource),
		Soft:     l.v.u64(at + wire.RlimitSoft),
		Hard:     l.v.u64(at + wire.RlimitHard),
	}
}

// Paths is a list of Landlock rules.
type Paths struct{ list }

func (p Paths) At(i int) (path []byte, access uint64) {
	at := p.at + i*wire.PathSize
	return p.v.text(at + wire.PathPath), p.v.u64(at + wire.PathAccess)
}

// Mounts is a list of file systems to make.
type Mounts struct{ list }

func (m Mounts) At(i int) Mount { return Mount{m.v, m.at + i*wire.MountSize} }

// Mount has the meaning of policy.Mount.
type Mount struct {
	v  *View
	at int
}

func (m Mount) Target() []byte     { return m.v.text(m.at + wire.MountTarget) }
func (m Mount) Type() []byte       { return m.v.text(m.at + wire.MountType) }
func (m Mount) Attributes() uint64 { return m.v.u64(m.at + wire.MountAttributes) }

// Partition is the name of the partition that holds the file system, or empty.
func (m Mount) Partition() []byte { return m.v.text(m.at + wire.MountPartition) }

func (m Mount) Options() Options {
	at := m.at + wire.MountOptions
	return Options{list{m.v, m.v.at(wire.Options, int(m.v.u32(at))), int(m.v.u32(at + 4))}}
}

// Options is a list of fsconfig(2) parameters.
type Options struct{ list }

func (o Options) At(i int) (key, value []byte) {
	at := o.at + i*wire.OptionSize
	return o.v.text(at + wire.OptionKey), o.v.text(at + wire.OptionValue)
}

// Binds is a list of nodes that the room sees.
type Binds struct{ list }

func (b Binds) At(i int) Bind { return Bind{b.v, b.at + i*wire.BindSize} }

// Bind has the meaning of policy.Bind.
type Bind struct {
	v  *View
	at int
}

func (b Bind) Target() []byte     { return b.v.text(b.at + wire.BindTarget) }
func (b Bind) Source() []byte     { return b.v.text(b.at + wire.BindSource) }
func (b Bind) Attributes() uint64 { return b.v.u64(b.at + wire.BindAttributes) }
func (b Bind) Kind() uint32       { return b.v.u32(b.at + wire.BindKind) }
func (b Bind) Major() uint32      { return b.v.u32(b.at + wire.BindMajor) }
func (b Bind) Minor() uint32      { return b.v.u32(b.at + wire.BindMinor) }
func (b Bind) GID() uint32        { return b.v.u32(b.at + wire.BindGID) }

// Filter is one BPF program.
type Filter struct{ list }

func (f Filter) At(i int) abi.Instruction {
	at := f.at + i*wire.InstructionSize
	return abi.Instruction{Op: f.v.u16(at), Jt: f.v.b[at+2], Jf: f.v.b[at+3], K: f.v.u32(at + 4)}
}

func (v *View) filter(i int) Filter {
	at := v.at(wire.Filters, i)
	first, count := int(v.u32(at+wire.FilterFirst)), int(v.u32(at+wire.FilterCount))
	return Filter{list{v, v.at(wire.Instructions, first), count}}
}
