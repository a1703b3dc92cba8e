package encode_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

type defect struct {
	comment string
	spoil   func([]byte) []byte
}

// edit makes a blob by the encoder's own means but without its last check, for
// defects that a changed field alone cannot show.
func edit(change func(*policy.Policy)) func([]byte) []byte {
	return func([]byte) []byte {
		p := sample()
		change(&p)
		return encode.Unchecked(p)
	}
}

// defects has one entry for each way to break the format.
var defects = map[string]defect{
	"empty":              {"no byte at all", func([]byte) []byte { return []byte{} }},
	"header-cut":         {"the header ends one byte early", func(b []byte) []byte { return b[:wire.HeaderSize-1] }},
	"magic":              {"a text-mode transfer turned \\n into \\r\\n", func(b []byte) []byte { return bytes.Replace(b, []byte("\n"), []byte("\r\n"), 1) }},
	"major":              {"an unknown major version", header16(headerField("major"), 2)},
	"minor":              {"a later minor version", header16(headerField("minor"), 1)},
	"arch":               {"an architecture that nobody compiles for", header16(headerField("architecture"), 40)},
	"flags":              {"a flag that this version does not know", header16(headerField("flags"), 4)},
	"length":             {"a length that is not the blob's", header32(headerField("length"), 7)},
	"truncated":          {"the last byte is missing", func(b []byte) []byte { return b[:len(b)-1] }},
	"header-filter":      {"no filter for Bay0", header32(52, 0)},
	"header-filter-long": {"a filter for Bay0 that ends after the instructions", header32(52, 4000)},
	"text-gap":           {"a NUL more between two strings", grow(wire.Text, 1)},
	"text-order":         {"two neighbouring strings exchanged", swapFirstText},
	"text-outside":       {"a string that ends after the text", set32(wire.Rooms, 0, "name", 40_000)},
	"text-long":          {"a string longer than any path", room(func(r *policy.Room) { r.Argv[1] = strings.Repeat("x", abi.MaxString+1) })},
	"text-twice":         {"a string that stands twice", repeatName},
	"filter-outside":     {"a filter that starts after the instructions", set32(wire.Rooms, 0, "filter", 40)},
	"filter-order":       {"filters that do not ascend", swapFilters},
	"instructions-left":  {"an instruction that belongs to no filter", grow(wire.Instructions, 1)},
	"list-outside":       {"a list longer than its table", setCount(wire.Rooms, 1, "Landlock rules for files", 9)},
	"list-overflow":      {"a list that starts and ends after its table", setCount(wire.Rooms, 1, "Landlock rules for files", 1<<32-1)},
	"list-shared":        {"a list that two rooms have", set32(wire.Rooms, 1, "Landlock rules for files", 0)},
	"list-short":         {"a list that leaves records to nobody", setCount(wire.Rooms, 1, "Landlock rules for files", 1)},
	"no-arguments":       {"a list that is empty but should not be", setCount(wire.Rooms, 0, "arguments", 0)},
	"trailing":           {"a byte after the last table", func(b []byte) []byte { b = append(b, 0); return header32(headerField("length"), uint32(len(b)))(b) }},
	"count-overflow":     {"a table with 2³²-1 records", header32(wire.HeaderCounts+4*wire.Words, 1<<32-1)},
	"no-rooms":           {"a policy of no rooms", edit(func(p *policy.Policy) { p.Rooms = nil })},
	"version-zero":       {"policy version 0", header32(headerField("policy version"), 0)},
	"floor-above":        {"a floor above the version", header32(headerField("policy floor"), 8)},
	"landlock-abi":       {"an ABI that leaves rights unhandled", header32(headerField("Landlock ABI"), 3)},
	"command-line-blank": {"a command line that the stub would trim", edit(func(p *policy.Policy) { p.CommandLine += " " })},
	"string-nul":         {"a NUL inside a string", edit(func(p *policy.Policy) { p.Rooms[0].Argv[1] = "a\x00b" })},
	"filter-empty":       {"a filter that would mean no filter", edit(func(p *policy.Policy) { p.Rooms[0].Filter = nil })},
	"no-program":         {"a room without a program", edit(func(p *policy.Policy) { p.Rooms[0].Argv = nil })},
	"gid-root":           {"a room that would be in the group of root", set32(wire.Rooms, 0, "gid", 0)},
	"record-unused":      {"a record that belongs to no list", grow(wire.Rlimits, 1)},
	"settings-order":     {"cgroup files that do not ascend", edit(func(p *policy.Policy) { s := p.Rooms[0].Cgroup; s[0], s[1] = s[1], s[0] })},
	"room-name":          {"a room name that leaves its directory", edit(func(p *policy.Policy) { p.Rooms[0].Name = "../web" })},
	"room-bay0":          {"a room that could speak as Bay0 in the log", edit(func(p *policy.Policy) { p.Rooms[0].Name = "bay0" })},
	"room-order":         {"rooms that do not ascend", edit(func(p *policy.Policy) { r := p.Rooms; r[0], r[1] = r[1], r[0] })},
	"hostname":           {"an empty hostname", edit(func(p *policy.Policy) { p.Rooms[0].Hostname = "" })},
	"room-flags":         {"a room flag that this version does not know", set32(wire.Rooms, 0, "flags", 4)},
	"uid-root":           {"a room that would run as root", set32(wire.Rooms, 0, "uid", 0)},
	"room-name-order":    {"a room whose name is no name", edit(func(p *policy.Policy) { p.Rooms[1].Name = "work_" })},
	"uid-shared":         {"two rooms with one uid", set32(wire.Rooms, 1, "uid", 10001)},
	"gid-shared":         {"two rooms with one gid", set32(wire.Rooms, 1, "gid", 10001)},
	"namespaces":         {"a room that shares the machine's mounts", set64(wire.Rooms, 0, "namespaces", abi.CloneNewPID)},
	"namespace-user":     {"a room with a user namespace", set64(wire.Rooms, 0, "namespaces", abi.RoomNamespaces|0x10000000)},
	"capability":         {"a room that may do what root may", set32(wire.Rooms, 0, "capabilities", 1<<21)},
	"stop-timeout":       {"a room that has no time to end", set32(wire.Rooms, 0, "stop timeout", 0)},
	"room-watchdog":      {"a sign of life that may take more than an hour", set32(wire.Rooms, 0, "watchdog", policy.MaxRoomWatchdog+1)},
	"room-watchdog-mute": {"a sign of life from a room that cannot give one", edit(func(p *policy.Policy) { p.Rooms[1].Notify = false })},
	"invariant-path":     {"an invariant of a file that no kernel writes", edit(func(p *policy.Policy) { p.Invariants[0].Path = "/etc/modules" })},
	"invariant-kind":     {"an invariant of a kind that this version does not know", set32(wire.Invariants, 0, "kind", 3)},
	"invariant-text":     {"text of an invariant that is judged by number", edit(func(p *policy.Policy) { p.Invariants[1].Text = "1" })},
	"invariant-number":   {"a range of a file that should not be there", set64(wire.Invariants, 0, "most", 1)},
	"invariant-range":    {"a range that holds no number", set64(wire.Invariants, 1, "least", 3)},
	"invariant-order":    {"invariants that do not ascend", edit(func(p *policy.Policy) { i := p.Invariants; i[0], i[1] = i[1], i[0] })},
	"image-size":         {"an image larger than the limit", set64(wire.Rooms, 0, "image size", policy.MaxImage+1)},
	"image-empty":        {"an image of no bytes with a digest", set64(wire.Rooms, 0, "image size", 0)},
	"directory":          {"a relative working directory", edit(func(p *policy.Policy) { p.Rooms[0].Directory = "tmp" })},
	"program":            {"a program that is looked up", edit(func(p *policy.Policy) { p.Rooms[0].Argv[0] = "web" })},
	"environment":        {"an environment entry without =", edit(func(p *policy.Policy) { p.Rooms[0].Environment[1] = "LANG" })},
	"environment-twice":  {"a variable that stands twice", edit(func(p *policy.Policy) { p.Rooms[0].Environment = []string{"HOME=/", "HOME=/tmp"} })},
	"start-timeout":      {"a room that may take for ever", set32(wire.Rooms, 0, "start timeout", 0)},
	"oom-score":          {"a room that the OOM killer must spare", set32(wire.Rooms, 0, "oom_score_adj", 1<<32-1000)},
	"cgroup-file":        {"a cgroup file in another directory", edit(func(p *policy.Policy) { p.Rooms[0].Cgroup[0].File = "../memory.max" })},
	"cgroup-value":       {"an empty limit", edit(func(p *policy.Policy) { p.Rooms[0].Cgroup[1].Value = "" })},
	"rlimit-number":      {"a resource that the kernel does not know", set32(wire.Rlimits, 1, "resource", 16)},
	"rlimit-order":       {"a soft limit above the hard one", set64(wire.Rlimits, 0, "soft", 1)},
	"mount-root":         {"a mount over the image", edit(func(p *policy.Policy) { p.Rooms[0].Mounts[0].Target = "/" })},
	"mount-dots":         {"a mount point with .. in it", edit(func(p *policy.Policy) { p.Rooms[0].Mounts[0].Target = "/dev/../run" })},
	"mount-type":         {"a mount without a file system", edit(func(p *policy.Policy) { p.Rooms[0].Mounts[0].Type = "" })},
	"mount-devices":      {"a mount that may bring devices", set64(wire.Mounts, 0, "attributes", abi.MountNoSUID)},
	"mount-attributes":   {"a mount attribute that this version does not know", set64(wire.Mounts, 0, "attributes", abi.MountInert|0x100000)},
	"mount-option":       {"an option without a key", edit(func(p *policy.Policy) { p.Rooms[0].Mounts[0].Options[0].Key = "" })},
	"bind-target":        {"a bind over the image", edit(func(p *policy.Policy) { p.Rooms[0].Binds[0].Target = "/" })},
	"bind-source":        {"a relative source", edit(func(p *policy.Policy) { p.Rooms[0].Binds[0].Source = "null" })},
	"bind-attributes":    {"a bind that honours set-id programs", set64(wire.Binds, 0, "attributes", 0)},
	"bind-kind":          {"a bind of a block device", set32(wire.Binds, 0, "kind", 0o060000)},
	"bind-socket":        {"a socket with a device number", set32(wire.Binds, 1, "major", 1)},
	"bind-group":         {"a device for the group of a room", set32(wire.Binds, 0, "gid", 10001)},
	"bind-socket-group":  {"a socket that a bind would give to a group", set32(wire.Binds, 1, "gid", 20000)},
	"landlock-unhandled": {"a right that no rule would govern", set64(wire.Rooms, 0, "Landlock, files", abi.LandlockFS&^policy.LandlockIoctlDev)},
	"landlock-net":       {"TCP that no rule would govern", set64(wire.Rooms, 0, "Landlock, network", 0)},
	"landlock-scope":     {"signals that leave the room", set64(wire.Rooms, 0, "Landlock, scopes", 1<<0)},
	"landlock-path":      {"a rule for a relative path", edit(func(p *policy.Policy) { p.Rooms[0].Landlock.Paths[1].Path = "tmp" })},
	"landlock-nothing":   {"a rule that grants nothing", set64(wire.Paths, 0, "access", 0)},
	"landlock-right":     {"a rule that grants what is not handled", set64(wire.Paths, 0, "access", 1<<20)},
	"settle-long":        {"a settle time of more than an hour", header32(headerField("settle time"), policy.MaxSettle+1)},
	"watchdog-off":       {"a watchdog that never bites", header32(headerField("watchdog timeout"), 0)},
	"after-nobody":       {"a room that waits for none that exists", set32(wire.After, 0, "room", 2)},
	"after-itself":       {"a room that waits for itself", set32(wire.After, 0, "room", 1)},
	"after-circle":       {"two rooms that wait for each other", edit(func(p *policy.Policy) { p.Rooms[0].After = []string{"work"} })},
	"restart-mode":       {"a restart mode that this version does not know", set32(wire.Rooms, 1, "restart", 3)},
	"restart-never":      {"a delay for restarts that never come", set32(wire.Rooms, 0, "restart delay", 100)},
	"restart-critical":   {"a critical room that would be restarted", set32(wire.Rooms, 0, "restart", 1)},
	"restart-delay":      {"a delay that shrinks", set32(wire.Rooms, 1, "restart delay", 40_000)},
	"restart-limit":      {"restarts without end", set32(wire.Rooms, 1, "restart limit", 0)},
	"log-limit":          {"a room that can flood the log", set32(wire.Rooms, 1, "log rate", 1<<31)},
	"group-root":         {"a room in the group of root", set32(wire.Groups, 0, "gid", 0)},
	"socket-name":        {"a socket name with a colon, which LISTEN_FDNAMES splits at", edit(func(p *policy.Policy) { p.Rooms[0].Sockets[0].Name = "a:b" })},
	"socket-path":        {"a socket at a relative path", edit(func(p *policy.Policy) { p.Rooms[0].Sockets[0].Path = "one" })},
	"socket-type":        {"a raw socket", set32(wire.Sockets, 0, "type", 3)},
	"socket-group":       {"a socket for the group of a room", set32(wire.Sockets, 0, "gid", 10001)},
	"socket-shared":      {"two sockets with one channel", set32(wire.Sockets, 1, "gid", 20001)},
	"file-target":        {"a file over the image", edit(func(p *policy.Policy) { p.Rooms[0].Files[0].Target = "/" })},
	"mount-partition":    {"a partition's name with a slash", edit(func(p *policy.Policy) { p.Rooms[0].Mounts[0].Partition = "../sda" })},
	"mount-programs":     {"a mount whose programs can be run", set64(wire.Mounts, 0, "attributes", abi.MountNoSUID|abi.MountNoDev)},
	"mount-machine":      {"a file system that shows the machine", edit(func(p *policy.Policy) { p.Rooms[0].Mounts[1].Type = "sysfs" })},
	"mount-nowhere":      {"a volume without a partition", edit(func(p *policy.Policy) { p.Rooms[0].Mounts[0].Partition = "" })},
	"cgroup-procs":       {"a limit that would move Bay0", edit(func(p *policy.Policy) { p.Rooms[0].Cgroup[0] = policy.Setting{File: "cgroup.procs", Value: "1"} })},
	"bind-any-minor":     {"a device of any number, but with a minor one", set32(wire.Binds, 0, "major", 0)},
	"port-zero":          {"a rule for port 0", set32(wire.Ports, 0, "port", 0)},
	"port-right":         {"a rule for a port that grants what is not handled", set64(wire.Ports, 0, "access", 4)},
}

// large has the defects whose blobs are too big to keep in a file.
var large = map[string]defect{
	"too-many-invariants": {"more invariants than Bay0 would read in each period", edit(func(p *policy.Policy) {
		p.Invariants = many(policy.MaxInvariants, func(n string) policy.Invariant {
			return policy.Invariant{Path: "/proc/" + n, Kind: abi.InvariantAbsent}
		})
	})},
	"too-many-arguments": {"more arguments than a room may have", room(func(r *policy.Room) { r.Argv = make([]string, policy.MaxArguments+1); r.Argv[0] = "/bin/web" })},
	"too-many-variables": {"more variables than a room may have", room(func(r *policy.Room) {
		r.Environment = many(policy.MaxArguments, func(n string) string { return "V" + n + "=" })
	})},
	"too-many-groups": {"more groups than a room may have", room(func(r *policy.Room) { r.Groups = numbers(policy.MinChannel, policy.MaxGroups) })},
	"too-many-settings": {"more cgroup files than there are", room(func(r *policy.Room) {
		r.Cgroup = many(policy.MaxSettings, func(n string) policy.Setting { return policy.Setting{File: n} })
	})},
	"too-many-mounts": {"more mounts than a room may have", room(func(r *policy.Room) {
		r.Mounts = many(policy.MaxMounts, func(n string) policy.Mount { return policy.Mount{Target: "/" + n, Type: "tmpfs", Attributes: inert} })
	})},
	"too-many-options": {"more options than a mount may have", room(func(r *policy.Room) {
		r.Mounts[1].Options = many(policy.MaxOptions, func(n string) policy.Option { return policy.Option{Key: n} })
	})},
	"too-many-binds": {"more nodes than a room may have", room(func(r *policy.Room) {
		r.Binds = many(policy.MaxBinds, func(n string) policy.Bind {
			return policy.Bind{Target: "/" + n, Source: "/dev/null", Attributes: abi.MountNoSUID | abi.MountNoExec}
		})
	})},
	"too-many-files": {"more files than a room may have", room(func(r *policy.Room) {
		r.Files = many(policy.MaxFiles, func(n string) policy.File { return policy.File{Target: "/" + n} })
	})},
	"too-many-sockets": {"more sockets than a room may have", room(func(r *policy.Room) {
		r.Sockets = many(policy.MaxSockets, func(n string) policy.Socket { return policy.Socket{Name: n} })
	})},
	"too-many-paths": {"more Landlock rules than a room may have", room(func(r *policy.Room) {
		r.Landlock.Paths = many(policy.MaxPaths, func(n string) policy.PathRule { return policy.PathRule{Path: "/" + n, Access: 1} })
	})},
	"too-many-ports": {"more ports than a room may have", room(func(r *policy.Room) {
		r.Landlock.Ports = nil
		for port := range uint16(policy.MaxPorts + 1) {
			r.Landlock.Ports = append(r.Landlock.Ports, abi.PortRule{Port: port + 1, Access: 1})
		}
	})},
	"too-many-rooms-before": {"more rooms to wait for than a room may have", edit(func(p *policy.Policy) {
		p.Rooms = many(policy.MaxAfter+1, func(n string) policy.Room {
			id, _ := strconv.Atoi(n)
			r := sampleRoom("r"+n, uint32(10_000+id))
			r.Sockets, r.Critical, r.After, r.Watchdog, r.Restart = nil, false, nil, 0, abi.Restart{}
			return r
		})
		last := &p.Rooms[len(p.Rooms)-1]
		last.After = many(policy.MaxAfter, func(n string) string { return "r" + n })
	})},
	"bigger-than-any-blob": {"more bytes than a blob may have", grow(wire.Text, encode.MaxBlob)},
}

// room changes the sample's first room.
func room(change func(*policy.Room)) func([]byte) []byte {
	return edit(func(p *policy.Policy) { change(&p.Rooms[0]) })
}

// many makes one more than limit, ascending by their numbers of five digits.
func many[T any](limit int, make func(number string) T) (all []T) {
	for i := range limit + 1 {
		all = append(all, make(fmt.Sprintf("%05d", i)))
	}
	return all
}

func numbers(first, limit int) (all []uint32) {
	for i := range limit + 1 {
		all = append(all, uint32(first+i))
	}
	return all
}

// swapFirstText exchanges the first two strings that are not empty.
func swapFirstText(b []byte) []byte {
	text := b[tableAt(b, wire.Text):]
	second := bytes.IndexByte(text, 0) + 1 // behind the empty string
	third := second + bytes.IndexByte(text[second:], 0) + 1
	end := third + bytes.IndexByte(text[third:], 0) + 1
	one, two := text[second:third], text[third:end]
	swapped := append(bytes.Clone(two), one...)
	places := map[int]int{second: second + len(two), third: second}
	everyText(b, func(at int) {
		if to, moved := places[int(binary.LittleEndian.Uint32(b[at:]))]; moved {
			binary.LittleEndian.PutUint32(b[at:], uint32(to))
		}
	})
	copy(text[second:], swapped)
	return b
}

// everyText visits every range of text.
func everyText(b []byte, visit func(at int)) {
	visit(wire.HeaderRanges)
	for t, table := range wire.Layout {
		for i := range count(b, t) {
			for j, of := range table.Ranges {
				if of == wire.Text {
					visit(record(b, t, i) + j*wire.RangeSize)
				}
			}
		}
	}
}

// repeatName gives the first room's name bytes of its own, behind all others.
func repeatName(b []byte) []byte {
	at := record(b, wire.Rooms, 0)
	from, n := binary.LittleEndian.Uint32(b[at:]), binary.LittleEndian.Uint32(b[at+4:])
	name := bytes.Clone(b[tableAt(b, wire.Text)+int(from):][:n+1])
	binary.LittleEndian.PutUint32(b[at:], uint32(count(b, wire.Text)))
	b = append(b, name...)
	header32(wire.HeaderCounts+4*wire.Text, uint32(count(b, wire.Text)+len(name)))(b)
	return header32(headerField("length"), uint32(len(b)))(b)
}

// swapFilters exchanges the sample's rooms' programs of three instructions each,
// behind Bay0's of one.
func swapFilters(b []byte) []byte {
	at := record(b, wire.Instructions, 1)
	copy(b[at:], append(bytes.Clone(b[at+24:at+48]), b[at:at+24]...))
	return b
}
