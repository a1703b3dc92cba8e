package encode_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
	"github.com/google/go-cmp/cmp"
)

const formatDoc = "../../../docs/FORMAT.md"

// field is one field of a record, as docs/FORMAT.md tells it.
type field struct {
	offset  int
	kind    string // u16, u32, u64, i32, i64, list, or a number of bytes
	name    string
	meaning string
}

func (f field) size() int {
	switch f.kind {
	case "u16":
		return 2
	case "u32", "i32":
		return 4
	case "u64", "i64", "list":
		return 8
	}
	var n int
	if _, err := fmt.Sscanf(f.kind, "%d bytes", &n); err != nil {
		panic(f.kind)
	}
	return n
}

var headerFields = []field{
	{wire.HeaderMagic, "8 bytes", "magic", "`89 41 4e 43 48 4f 52 0a`"},
	{wire.HeaderMajor, "u16", "major", "1; another is refused"},
	{wire.HeaderMinor, "u16", "minor", "0; a later one is refused"},
	{wire.HeaderArch, "u16", "architecture", "ELF e_machine: 183 aarch64, 62 x86_64"},
	{wire.HeaderFlags, "u16", "flags", "bit 0: on failure power off, else reset; bit 1: only under Secure Boot"},
	{wire.HeaderLength, "u32", "length", "of the whole blob, in bytes, at most 16 MiB"},
	{wire.HeaderVersion, "u32", "policy version", "1 to 2³¹−1"},
	{wire.HeaderFloor, "u32", "policy floor", "1 to the policy version"},
	{wire.HeaderLandlockABI, "u32", "Landlock ABI", "6"},
	{wire.HeaderCommandLine, "u32", "command line", "string"},
	{wire.HeaderSettle, "u32", "settle time", "milliseconds, at most 3,600,000"},
	{wire.HeaderWatchdog, "u32", "watchdog timeout", "seconds, 2 to 600"},
	{wire.HeaderFilter, "u32", "filter", "number in the table of filters: Bay0's own"},
	{wire.HeaderCounts, "72 bytes", "counts", "u32 for each table, in the tables' order"},
}

var tableFields = [wire.Tables][]field{
	wire.Rooms: {
		{wire.RoomName, "u32", "name", "string; rooms ascend by it"},
		{wire.RoomHostname, "u32", "hostname", "string"},
		{wire.RoomDirectory, "u32", "working directory", "string"},
		{wire.RoomFlags, "u32", "flags", "bit 0: critical; bit 1: ready when it says READY=1"},
		{wire.RoomUID, "u32", "uid", "10000 to 19999, of no other room"},
		{wire.RoomGID, "u32", "gid", "10000 to 19999, of no other room"},
		{wire.RoomNamespaces, "u64", "namespaces", "CLONE_NEW*: mnt, cgroup, uts, ipc, pid, and perhaps net"},
		{wire.RoomStartTimeout, "u32", "start timeout", "milliseconds, 1 to 600,000"},
		{wire.RoomOOMScoreAdj, "i32", "oom_score_adj", "0 to 1000"},
		{wire.RoomRestart, "u32", "restart", "0 never, 1 on failure, 2 always; not 1 or 2 if critical"},
		{wire.RoomDelay, "u32", "restart delay", "milliseconds, 1 to the longest; 0 for never"},
		{wire.RoomDelayMax, "u32", "longest restart delay", "milliseconds, at most 3,600,000; 0 for never"},
		{wire.RoomLimit, "u32", "restart limit", "times in a row, 1 to 1,000,000; 0 for never"},
		{wire.RoomLogBurst, "u32", "log burst", "lines at once, 1 to 1,000,000"},
		{wire.RoomLogPerSecond, "u32", "log rate", "lines a second, 1 to 1,000,000"},
		{wire.RoomImageSize, "u64", "image size", "bytes, at most 1 GiB; 0 if and only if the digest is zero"},
		{wire.RoomImageSHA256, "32 bytes", "image digest", "SHA-256"},
		{wire.RoomHandledFS, "u64", "Landlock, files", "0xffff: all that ABI 6 handles"},
		{wire.RoomHandledNet, "u64", "Landlock, network", "0x3"},
		{wire.RoomScoped, "u64", "Landlock, scopes", "0x3"},
		{wire.RoomFilter, "u32", "filter", "number in the table of filters"},
		{wire.RoomWatchdog, "u32", "watchdog", "milliseconds between two WATCHDOG=1, at most 3,600,000; 0 if it need say none"},
		{wire.RoomStopTimeout, "u32", "stop timeout", "milliseconds from SIGTERM to the end, 1 to 600,000"},
		{wire.RoomCapabilities, "u32", "capabilities", "set of 1 << CAP_*: at most CAP_NET_BIND_SERVICE, 0x400"},
		{wire.RoomArgv, "list", "arguments", "1 to 256 words; the first is the program's path"},
		{wire.RoomEnvironment, "list", "environment", "words of the form KEY=value, ascending, each key once"},
		{wire.RoomAfter, "list", "after", "rooms, ascending; no room waits for itself, even through others"},
		{wire.RoomGroups, "list", "groups", "gids, ascending"},
		{wire.RoomCgroup, "list", "cgroup", "settings, ascending by file"},
		{wire.RoomRlimits, "list", "resource limits", "ascending by resource"},
		{wire.RoomMounts, "list", "mounts", "ascending by target"},
		{wire.RoomBinds, "list", "binds", "ascending by target"},
		{wire.RoomFiles, "list", "files", "ascending by target"},
		{wire.RoomSockets, "list", "sockets", "ascending by name"},
		{wire.RoomPaths, "list", "Landlock rules for files", "ascending by path"},
		{wire.RoomPorts, "list", "Landlock rules for TCP", "ascending by port"},
	},
	wire.Invariants: {
		{wire.InvariantPath, "u32", "path", "string, below /proc or /sys; invariants ascend by it"},
		{wire.InvariantKind, "u32", "kind", "0: the file holds the text; 1: a decimal number in the range; 2: there is no such file"},
		{wire.InvariantText, "u32", "text", "string, without the newline at the file's end; empty but for kind 0"},
		{wire.InvariantZero, "u32", "reserved", "zero"},
		{wire.InvariantMin, "i64", "least", "0 but for kind 1"},
		{wire.InvariantMax, "i64", "most", "0 but for kind 1"},
	},
	wire.Words:  {{0, "u32", "word", "string"}},
	wire.After:  {{0, "u32", "room", "number in the table of rooms"}},
	wire.Groups: {{0, "u32", "gid", "20000 to 29999"}},
	wire.Settings: {
		{wire.SettingFile, "u32", "file", "string: cpu.max, cpu.weight, memory.high, memory.max or pids.max"},
		{wire.SettingValue, "u32", "value", "string: what is written there, and read back"},
	},
	wire.Rlimits: {
		{wire.RlimitResource, "u32", "resource", "RLIMIT_*, 0 to 15"},
		{wire.RlimitReserved, "u32", "reserved", "zero"},
		{wire.RlimitSoft, "u64", "soft", "at most the hard limit"},
		{wire.RlimitHard, "u64", "hard", "2⁶⁴−1 is none"},
	},
	wire.Mounts: {
		{wire.MountTarget, "u32", "target", "string: an absolute path, not the root"},
		{wire.MountType, "u32", "type", "string: tmpfs, proc or ext4"},
		{wire.MountAttributes, "u64", "attributes", "MOUNT_ATTR_*: nosuid, nodev and noexec, perhaps ro"},
		{wire.MountOptions, "list", "options", "ascending by key"},
		{wire.MountPartition, "u32", "partition", "string: its GPT name, like a room's name but of at most 36 bytes; empty but for ext4"},
		{wire.MountReserved, "u32", "reserved", "zero"},
	},
	wire.Options: {
		{wire.OptionKey, "u32", "key", "string"},
		{wire.OptionValue, "u32", "value", "string"},
	},
	wire.Binds: {
		{wire.BindTarget, "u32", "target", "string: an absolute path in the room"},
		{wire.BindSource, "u32", "source", "string: an absolute path on the machine"},
		{wire.BindAttributes, "u64", "attributes", "MOUNT_ATTR_*: nosuid and noexec, perhaps ro and nodev"},
		{wire.BindKind, "u32", "kind", "S_IFCHR 0o020000 or S_IFSOCK 0o140000"},
		{wire.BindMajor, "u32", "major", "of the device; 0 for a socket, and for a number that the kernel gives out"},
		{wire.BindMinor, "u32", "minor", "of the device; 0 for a socket"},
		{wire.BindGID, "u32", "gid", "20000 to 29999 for a device of a group; 0 for a socket or a device as it is"},
	},
	wire.Files: {
		{wire.FileTarget, "u32", "target", "string: an absolute path in the room"},
		{wire.FileContent, "u32", "content", "string"},
	},
	wire.Sockets: {
		{wire.SocketName, "u32", "name", "string of the form of a room's name"},
		{wire.SocketPath, "u32", "path", "string: an absolute path on the machine"},
		{wire.SocketType, "u32", "type", "SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_SEQPACKET 5"},
		{wire.SocketGID, "u32", "gid", "20000 to 29999, of no other socket"},
	},
	wire.Paths: {
		{wire.PathPath, "u32", "path", "string"},
		{wire.PathReserved, "u32", "reserved", "zero"},
		{wire.PathAccess, "u64", "access", "LANDLOCK_ACCESS_FS_*, at least one"},
	},
	wire.Ports: {
		{wire.PortPort, "u32", "port", "1 to 65535"},
		{wire.PortReserved, "u32", "reserved", "zero"},
		{wire.PortAccess, "u64", "access", "LANDLOCK_ACCESS_NET_*, at least one"},
	},
	wire.Filters: {
		{wire.FilterFirst, "u32", "first", "instruction; where the filter before it ended"},
		{wire.FilterCount, "u32", "count", "1 to 4,096"},
	},
	wire.Instructions: {
		{0, "u16", "code", "BPF operation"},
		{2, "1 bytes", "jt", "jump if true"},
		{3, "1 bytes", "jf", "jump if false"},
		{4, "u32", "k", "operand"},
	},
	wire.Strings: {
		{wire.StringOffset, "u32", "offset", "in the text; where the string before it ended, with its NUL"},
		{wire.StringLength, "u32", "length", "bytes without the NUL, at most 4,095"},
	},
	wire.Text: {{0, "1 bytes", "byte", "of a string, or the NUL behind it"}},
}

// The fields leave no gap and no byte out, so the document cannot either.
func TestFormatNamesEveryByte(t *testing.T) {
	check := func(name string, fields []field, size int) {
		at := 0
		for _, f := range fields {
			if f.offset != at {
				t.Errorf("%s: field %s at %d, want %d", name, f.name, f.offset, at)
			}
			at = f.offset + f.size()
		}
		if at != size {
			t.Errorf("%s: the fields end at %d, the record at %d", name, at, size)
		}
	}
	check("header", headerFields, wire.HeaderSize)
	for i, fields := range tableFields {
		check(wire.TableNames[i], fields, wire.RecordSize[i])
	}
}

// docs/FORMAT.md has the fields and the example that the code has.
func TestFormatDocument(t *testing.T) {
	doc, err := os.ReadFile(formatDoc)
	if err != nil {
		t.Fatal(err)
	}
	want := string(doc)
	want = replaceBlock(t, want, "fields", formatTables())
	want = replaceBlock(t, want, "example", "```\n"+annotate(example(t))+"```\n")
	if *update {
		if err := os.WriteFile(formatDoc, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(doc)); diff != "" {
		t.Errorf("docs/FORMAT.md is not what the code says: run with -update\n%s", diff)
	}
}

// The bytes in the document, read as a reader would, are a policy.
func TestFormatExampleDecodes(t *testing.T) {
	doc, err := os.ReadFile(formatDoc)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^[0-9a-f]{4}  ((?:[0-9a-f]{2}(?: |$))+)`)
	var b []byte
	for _, m := range line.FindAllStringSubmatch(string(doc), -1) {
		part, err := hex.DecodeString(strings.ReplaceAll(m[1], " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, part...)
	}
	v, err := blob.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(examplePolicy(), encode.Policy(v)); diff != "" {
		t.Error(diff)
	}
}

// replaceBlock puts text between the markers of a block.
func replaceBlock(t *testing.T, doc, name, text string) string {
	t.Helper()
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(doc, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no block %q", formatDoc, name)
	}
	return before + begin + "\n" + text + "\n" + end + after
}

func formatTables() string {
	var s strings.Builder
	table := func(title string, fields []field) {
		fmt.Fprintf(&s, "### %s\n\n| offset | type | field | value |\n|---:|---|---|---|\n", title)
		for _, f := range fields {
			fmt.Fprintf(&s, "| %d | %s | %s | %s |\n", f.offset, strings.Replace(f.kind, "1 bytes", "1 byte", 1), f.name, f.meaning)
		}
		s.WriteByte('\n')
	}
	table(fmt.Sprintf("Header, %d bytes", wire.HeaderSize), headerFields)
	for i, fields := range tableFields {
		title := strings.ToUpper(wire.TableNames[i][:1]) + wire.TableNames[i][1:]
		plural := "s"
		if wire.RecordSize[i] == 1 {
			plural = ""
		}
		table(fmt.Sprintf("%d. %s, %d byte%s each", i+1, title, wire.RecordSize[i], plural), fields)
	}
	return strings.TrimSuffix(s.String(), "\n")
}

// annotate prints a blob field by field: offset, bytes, what they are.
func annotate(b []byte) string {
	a := &annotator{b: b}
	a.record("header", 0, headerFields)
	for table, fields := range tableFields {
		if table == wire.Text {
			break
		}
		for i := range count(b, table) {
			a.record(fmt.Sprintf("%s %d", wire.TableNames[table], i), record(b, table, i), fields)
		}
	}
	a.text()
	return a.out.String()
}

type annotator struct {
	b   []byte
	out strings.Builder
}

func (a *annotator) record(name string, at int, fields []field) {
	for _, f := range fields {
		a.bytes(at+f.offset, f.size(), name+": "+f.name+a.value(at+f.offset, f))
		name = strings.Repeat(" ", len(name))
	}
}

// value adds the text that a string field refers to.
func (a *annotator) value(at int, f field) string {
	if f.kind != "u32" || !strings.HasPrefix(f.meaning, "string") {
		return ""
	}
	i := int(binary.LittleEndian.Uint32(a.b[at:]))
	entry := record(a.b, wire.Strings, i)
	from := tableAt(a.b, wire.Text) + int(binary.LittleEndian.Uint32(a.b[entry:]))
	text, _, _ := bytes.Cut(a.b[from:], []byte{0})
	return fmt.Sprintf(" %q", text)
}

func (a *annotator) text() {
	at := tableAt(a.b, wire.Text)
	for i := 0; at < len(a.b); i++ {
		text, _, _ := bytes.Cut(a.b[at:], []byte{0})
		a.bytes(at, len(text)+1, fmt.Sprintf("text of string %d: %q", i, text))
		at += len(text) + 1
	}
}

// bytes prints n bytes, sixteen a line, with the note on the first.
func (a *annotator) bytes(at, n int, note string) {
	for done := 0; done < n; done += 16 {
		part := a.b[at+done : at+min(done+16, n)]
		line := fmt.Sprintf("%04x  %-48s %s", at+done, fmt.Sprintf("% x ", part), note)
		a.out.WriteString(strings.TrimRight(line, " ") + "\n")
		note = ""
	}
}

// examplePolicy is small enough to be read byte by byte.
func examplePolicy() policy.Policy {
	p := sample()
	p.CommandLine = "console=ttyAMA0"
	p.Rooms = p.Rooms[:1]
	r := &p.Rooms[0]
	r.Argv, r.Environment = r.Argv[:1], r.Environment[:1]
	r.Cgroup, r.Rlimits = r.Cgroup[:1], r.Rlimits[:1]
	r.Mounts = r.Mounts[:1]
	r.Mounts[0].Options = r.Mounts[0].Options[:1]
	r.Binds, r.Landlock.Paths, r.Filter = r.Binds[:1], r.Landlock.Paths[:1], r.Filter[2:]
	r.Groups, r.Files, r.Sockets, r.Landlock.Ports = nil, nil, r.Sockets[:1], r.Landlock.Ports[:1]
	return p
}

func example(t *testing.T) []byte {
	b, err := encode.Encode(examplePolicy())
	if err != nil {
		t.Fatal(err)
	}
	return b
}
