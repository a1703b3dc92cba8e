package encode_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
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
	kind    string // u16, u32, u64, i32, i64, range, text (a range of it), or a number of bytes
	name    string
	meaning string
}

func (f field) size() int {
	switch f.kind {
	case "u16":
		return 2
	case "u32", "i32":
		return 4
	case "u64", "i64", "range", "text":
		return 8
	}
	var n int
	if _, err := fmt.Sscanf(f.kind, "%d bytes", &n); err != nil {
		panic(f.kind)
	}
	return n
}

var headerFields = []field{
	{0, "8 bytes", "magic", "`89 41 4e 43 48 4f 52 0a`"},
	{8, "u16", "major", "1; another is refused"},
	{10, "u16", "minor", "0; a later one is refused"},
	{12, "u16", "architecture", "ELF e_machine: 183 aarch64, 62 x86_64"},
	{14, "u16", "flags", "bit 0: on failure power off, else reset; bit 1: only under Secure Boot"},
	{16, "u32", "length", "of the whole blob, in bytes, at most 16 MiB"},
	{20, "u32", "policy version", "1 to 2³¹−1"},
	{24, "u32", "policy floor", "1 to the policy version"},
	{28, "u32", "Landlock ABI", "6"},
	{32, "u32", "settle time", "milliseconds, at most 3,600,000"},
	{36, "u32", "watchdog timeout", "seconds, 2 to 600"},
	{wire.HeaderRanges, "text", "command line", ""},
	{48, "range", "filter", "of instructions, 1 to 4,096: Bay0's own"},
	{wire.HeaderCounts, "64 bytes", "counts", "u32 for each table, in the tables' order"},
}

var tableFields = [wire.Tables][]field{
	wire.Rooms: {
		{0, "text", "name", "rooms ascend by it"},
		{8, "text", "hostname", ""},
		{16, "text", "working directory", ""},
		{24, "range", "filter", "of instructions, 1 to 4,096"},
		{32, "range", "arguments", "1 to 256 words; the first is the program's path"},
		{40, "range", "environment", "words of the form KEY=value, ascending, each key once"},
		{48, "range", "after", "rooms, ascending; no room waits for itself, even through others"},
		{56, "range", "groups", "gids, ascending"},
		{64, "range", "cgroup", "settings, ascending by file"},
		{72, "range", "resource limits", "ascending by resource"},
		{80, "range", "mounts", "ascending by target"},
		{88, "range", "binds", "ascending by target"},
		{96, "range", "files", "ascending by target"},
		{104, "range", "sockets", "ascending by name"},
		{112, "range", "Landlock rules for files", "ascending by path"},
		{120, "range", "Landlock rules for TCP", "ascending by port"},
		{128, "u64", "namespaces", "CLONE_NEW*: mnt, cgroup, uts, ipc, pid, and perhaps net"},
		{136, "u64", "image size", "bytes, at most 1 GiB; 0 if and only if the digest is zero"},
		{144, "32 bytes", "image digest", "SHA-256"},
		{176, "u64", "Landlock, files", "0xffff: all that ABI 6 handles"},
		{184, "u64", "Landlock, network", "0x3"},
		{192, "u64", "Landlock, scopes", "0x3"},
		{200, "u32", "flags", "bit 0: critical; bit 1: ready when it says READY=1"},
		{204, "u32", "uid", "10000 to 19999, of no other room"},
		{208, "u32", "gid", "10000 to 19999, of no other room"},
		{212, "u32", "capabilities", "set of 1 << CAP_*: at most CAP_NET_BIND_SERVICE, 0x400"},
		{216, "i32", "oom_score_adj", "0 to 1000"},
		{220, "u32", "start timeout", "milliseconds, 1 to 600,000"},
		{224, "u32", "stop timeout", "milliseconds from SIGTERM to the end, 1 to 600,000"},
		{228, "u32", "watchdog", "milliseconds between two WATCHDOG=1, at most 3,600,000; 0 if it need say none"},
		{232, "u32", "restart", "0 never, 1 on failure, 2 always; not 1 or 2 if critical"},
		{236, "u32", "restart delay", "milliseconds, 1 to the longest; 0 for never"},
		{240, "u32", "longest restart delay", "milliseconds, at most 3,600,000; 0 for never"},
		{244, "u32", "restart limit", "times in a row, 1 to 1,000,000; 0 for never"},
		{248, "u32", "log burst", "lines at once, 1 to 1,000,000"},
		{252, "u32", "log rate", "lines a second, 1 to 1,000,000"},
	},
	wire.Invariants: {
		{0, "text", "path", "below /proc or /sys; invariants ascend by it"},
		{8, "text", "text", "without the newline at the file's end; empty but for kind 0"},
		{16, "i64", "least", "0 but for kind 1"},
		{24, "i64", "most", "0 but for kind 1"},
		{32, "u32", "kind", "0: the file holds the text; 1: a decimal number in the range; 2: there is no such file"},
	},
	wire.Words:  {{0, "text", "word", ""}},
	wire.After:  {{0, "u32", "room", "number in the table of rooms"}},
	wire.Groups: {{0, "u32", "gid", "20000 to 29999"}},
	wire.Settings: {
		{0, "text", "file", "cpu.max, cpu.weight, memory.high, memory.max or pids.max"},
		{8, "text", "value", "what is written there, and read back"},
	},
	wire.Rlimits: {
		{0, "u32", "resource", "RLIMIT_*, 0 to 15"},
		{4, "u64", "soft", "at most the hard limit"},
		{12, "u64", "hard", "2⁶⁴−1 is none"},
	},
	wire.Mounts: {
		{0, "text", "target", "an absolute path, not the root"},
		{8, "text", "type", "tmpfs, proc or ext4"},
		{16, "range", "options", "ascending by key"},
		{24, "text", "partition", "its GPT name, like a room's name but of at most 36 bytes; empty but for ext4"},
		{32, "u64", "attributes", "MOUNT_ATTR_*: nosuid, nodev and noexec, perhaps ro"},
	},
	wire.Options: {
		{0, "text", "key", ""},
		{8, "text", "value", ""},
	},
	wire.Binds: {
		{0, "text", "target", "an absolute path in the room"},
		{8, "text", "source", "an absolute path on the machine"},
		{16, "u64", "attributes", "MOUNT_ATTR_*: nosuid and noexec, perhaps ro and nodev"},
		{24, "u32", "kind", "S_IFCHR 0o020000 or S_IFSOCK 0o140000"},
		{28, "u32", "major", "of the device; 0 for a socket, and for a number that the kernel gives out"},
		{32, "u32", "minor", "of the device; 0 for a socket"},
		{36, "u32", "gid", "20000 to 29999 for a device of a group; 0 for a socket or a device as it is"},
	},
	wire.Files: {
		{0, "text", "target", "an absolute path in the room"},
		{8, "text", "content", ""},
	},
	wire.Sockets: {
		{0, "text", "name", "of the form of a room's name"},
		{8, "text", "path", "an absolute path on the machine"},
		{16, "u32", "type", "SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_SEQPACKET 5"},
		{20, "u32", "gid", "20000 to 29999, of no other socket"},
	},
	wire.Paths: {
		{0, "text", "path", "an absolute path in the room"},
		{8, "u64", "access", "LANDLOCK_ACCESS_FS_*, at least one"},
	},
	wire.Ports: {
		{0, "u16", "port", "1 to 65535"},
		{2, "u64", "access", "LANDLOCK_ACCESS_NET_*, at least one"},
	},
	wire.Instructions: {
		{0, "u16", "code", "BPF operation"},
		{2, "1 bytes", "jt", "jump if true"},
		{3, "1 bytes", "jf", "jump if false"},
		{4, "u32", "k", "operand"},
	},
	wire.Text: {{0, "1 bytes", "byte", "of a string, or the NUL behind it"}},
}

// fieldAt is where a field of a table's records stands, or of the header's.
func fieldAt(fields []field, name string) int {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	return fields[i].offset
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
		check(wire.Layout[i].Name, fields, wire.Layout[i].Size)
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
		name, size := wire.Layout[i].Name, wire.Layout[i].Size
		plural := "s"
		if size == 1 {
			plural = ""
		}
		table(fmt.Sprintf("%d. %s, %d byte%s each", i+1, strings.ToUpper(name[:1])+name[1:], size, plural), fields)
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
			a.record(fmt.Sprintf("%s %d", wire.Layout[table].Name, i), record(b, table, i), fields)
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

// value adds the text that a range reaches.
func (a *annotator) value(at int, f field) string {
	if f.kind != "text" {
		return ""
	}
	first, n := binary.LittleEndian.Uint32(a.b[at:]), binary.LittleEndian.Uint32(a.b[at+4:])
	return fmt.Sprintf(" %q", a.b[tableAt(a.b, wire.Text)+int(first):][:n])
}

func (a *annotator) text() {
	for at := tableAt(a.b, wire.Text); at < len(a.b); {
		text, _, _ := bytes.Cut(a.b[at:], []byte{0})
		a.bytes(at, len(text)+1, fmt.Sprintf("text: %q", text))
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
