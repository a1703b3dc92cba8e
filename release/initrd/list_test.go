package initrd_test

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/initrd"
)

func TestList(t *testing.T) {
	b := build(t, contents())
	got, err := initrd.List(b)
	if err != nil {
		t.Fatal(err)
	}
	want := []initrd.Member{
		{Path: "/bin", Mode: fs.ModeDir | 0o755, Offset: 0x74},
		{Path: "/bin/bay0", Mode: 0o555, Data: []byte("program"), Offset: 0xec},
		{Path: "/dev", Mode: fs.ModeDir | 0o755, Offset: 0x168},
		{Path: "/images", Mode: fs.ModeDir | 0o755, Offset: 0x1e0},
		{Path: "/images/vault-access.squashfs", Mode: 0o444, Data: []byte("vault image"), Offset: 0x26c},
		{Path: "/images/web.squashfs", Mode: 0o444, Data: []byte("web image"), Offset: 0x2fc},
		{Path: "/proc", Mode: fs.ModeDir | 0o755, Offset: 0x37c},
		{Path: "/room", Mode: fs.ModeDir | 0o755, Offset: 0x3f0},
		{Path: "/run", Mode: fs.ModeDir | 0o755, Offset: 0x464},
		{Path: "/sys", Mode: fs.ModeDir | 0o755, Offset: 0x4d8},
		{Path: "/.passports", Mode: 0o444, Data: []byte("passports"), Offset: 0x554},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, m := range got {
		if !bytes.HasPrefix(b[m.Offset:], m.Data) {
			t.Errorf("%s is not at its offset %#x", m.Path, m.Offset)
		}
	}
}

func TestListRefuses(t *testing.T) {
	whole := string(join(records()))
	insert := func(i int, r string) string { return string(join(slices.Insert(records(), i, r))) }
	swap := func(i int, r string) string { return string(join(slices.Replace(records(), i, i+1, r))) }
	field := func(i int, digits string) string { // of the second member
		at := 116 + 6 + 8*i
		return whole[:at] + digits + whole[at+8:]
	}
	foreign := func(name string) string { return insert(2, record(3, 0o100444, 1, name, "data")) }

	for _, c := range []struct {
		name, archive, want string
	}{
		{"nothing", "", `archive at offset 0x0: no header of a member (newc) where one is due`},
		{"compressed", "\x1f\x8b" + whole, `archive at offset 0x0: no header of a member (newc) where one is due`},
		{"with check sums", strings.Replace(whole, "070701", "070702", 1), `archive at offset 0x0: no header of a member (newc) where one is due`},
		{"cut off in a header", whole[:200], `archive at offset 0x74: no header of a member (newc) where one is due`},
		{"cut off in a name", whole[:113], `archive at offset 0x6e: a name of 4 bytes, want 2 to 64 and the archive to hold them`},
		{"cut off in a file", whole[:240], `archive at offset 0xec: /bin/bay0 has 7 bytes, want some and the archive to hold them: it has 4 left`},
		{"cut off in padding", whole[:243], `archive at offset 0xf3: want a zero here, as padding to a multiple of 4`},
		{"cut off before the trailer", string(join(records()[:11])), `archive at offset 0x560: no header of a member (newc) where one is due`},
		{"second archive behind the first", whole + whole, `archive at offset 0x5dc: 1500 bytes behind the trailer`},
		{"zeros behind the trailer", whole + "\x00\x00\x00\x00", `archive at offset 0x5dc: 4 bytes behind the trailer`},
		{"trailer with a size", swap(11, record(0, 0, 0, "TRAILER!!!", "data")), `archive at offset 0x596: size 0x4, want 0x0`},

		{"digit in lower case", field(5, "0000000a"), `archive at offset 0xa9: "a" in a header, want a digit 0-9 A-F`},
		{"name of no length", field(11, "00000000"), `archive at offset 0xe2: a name of 0 bytes, want 2 to 64 and the archive to hold them`},
		{"huge name", field(11, "FFFFFFFF"), `archive at offset 0xe2: a name of 4294967295 bytes, want 2 to 64 and the archive to hold them`},
		{"name without its zero", field(11, "00000008"), `archive at offset 0xe2: name "bin/bay0", want its only zero at the end`},
		{"zero inside a name", foreign("bin/\x00ay1"), `archive at offset 0x162: name "bin/\x00ay1\x00", want its only zero at the end`},
		{"data in the padding of a name", whole[:115] + "x" + whole[116:], `archive at offset 0x73: want a zero here, as padding to a multiple of 4`},
		{"data in the padding of a file", whole[:243] + "x" + whole[244:], `archive at offset 0xf3: want a zero here, as padding to a multiple of 4`},
		{"huge file", field(6, "FFFFFFFF"), `archive at offset 0xec: /bin/bay0 has 4294967295 bytes, want some and the archive to hold them: it has 1264 left`},
		{"empty file", swap(1, record(2, 0o100555, 1, "bin/bay0", "")), `archive at offset 0xec: /bin/bay0 has 0 bytes, want some and the archive to hold them: it has 1256 left`},

		{"absolute name", foreign("/etc"), `archive at offset 0xf4: member "/etc" has no place in the archive`},
		{"way out of the root", foreign("../etc"), `archive at offset 0xf4: member "../etc" has no place in the archive`},
		{"way around", foreign("bin/../bin/bay1"), `archive at offset 0xf4: member "bin/../bin/bay1" has no place in the archive`},
		{"dot before a name", foreign("./bin"), `archive at offset 0xf4: member "./bin" has no place in the archive`},
		{"what the stub unpacks", foreign(".extra/os-release"), `archive at offset 0xf4: member ".extra/os-release" has no place in the archive`},
		{"second program", foreign("bin/sh"), `archive at offset 0xf4: member "bin/sh" has no place in the archive`},
		{"image of no room", foreign("images/.squashfs"), `archive at offset 0xf4: member "images/.squashfs" has no place in the archive`},
		{"image in a directory", foreign("images/a/b.squashfs"), `archive at offset 0xf4: member "images/a/b.squashfs" has no place in the archive`},

		{"inode of another", field(0, "00000001"), `archive at offset 0x7a: inode 0x1, want 0x2`},
		{"writable program", field(1, "000081FD"), `archive at offset 0x82: mode 0x81fd, want 0x816d`},
		{"set-user-id program", field(1, "0000896D"), `archive at offset 0x82: mode 0x896d, want 0x816d`},
		{"symbolic link", field(1, "0000A1FF"), `archive at offset 0x82: mode 0xa1ff, want 0x816d`},
		{"directory in a file's place", field(1, "000041ED"), `archive at offset 0x82: mode 0x41ed, want 0x816d`},
		{"executable image", swap(5, record(6, 0o100555, 1, "images/web.squashfs", "web image")), `archive at offset 0x286: mode 0x816d, want 0x8124`},
		{"owner", field(2, "000003E8"), `archive at offset 0x8a: uid 0x3e8, want 0x0`},
		{"group", field(3, "000003E8"), `archive at offset 0x92: gid 0x3e8, want 0x0`},
		{"hard link", field(4, "00000002"), `archive at offset 0x9a: link count 0x2, want 0x1`},
		{"time", field(5, "00000001"), `archive at offset 0xa2: time 0x1, want 0x0`},
		{"device", field(7, "00000001"), `archive at offset 0xb2: device major 0x1, want 0x0`},
		{"device, minor", field(8, "00000001"), `archive at offset 0xba: device minor 0x1, want 0x0`},
		{"node", field(9, "00000001"), `archive at offset 0xc2: node major 0x1, want 0x0`},
		{"node, minor", field(10, "00000001"), `archive at offset 0xca: node minor 0x1, want 0x0`},
		{"check sum", field(12, "00000001"), `archive at offset 0xda: check sum 0x1, want 0x0`},
		{"directory with a size", swap(0, record(1, 0o40755, 2, "bin", "data")), `archive at offset 0x36: size 0x4, want 0x0`},

		{"member twice", insert(2, records()[1]), `archive at offset 0xf4: member /bin/bay0 a second time`},
		{"members out of order", insert(5, records()[2]), `archive at offset 0x278: member /dev behind /images/vault-access.squashfs, want it before`},
		{"passports not last", insert(1, record(2, 0o100444, 1, ".passports", "passports")), `archive at offset 0xfc: member /bin/bay0 behind /.passports, want it before`},
		{"member behind the passports", string(join(slices.Insert(records(), 11, records()[9]))), `archive at offset 0x560: member /sys behind /.passports, want it before`},
		{"passports twice", insert(11, records()[10]), `archive at offset 0x560: member /.passports a second time`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := initrd.List([]byte(c.archive))
			var malformed *initrd.FormatError
			if !errors.As(err, &malformed) {
				t.Fatalf("got %v, want a format error", err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestListRefusesAMissingMember leaves out each of the members in turn that every
// archive has, with the inode numbers of those behind it put right.
func TestListRefusesAMissingMember(t *testing.T) {
	names := []string{"bin", "bin/bay0", "dev", "images", "proc", "room", "run", "sys", ".passports"}
	for i, missing := range names {
		var b []byte
		ino := 0
		for j, name := range names {
			switch ino++; {
			case j == i:
				ino--
			case name == "bin/bay0":
				b = append(b, record(ino, 0o100555, 1, name, "data")...)
			case name == ".passports":
				b = append(b, record(ino, 0o100444, 1, name, "data")...)
			default:
				b = append(b, record(ino, 0o40755, 2, name, "")...)
			}
		}
		_, err := initrd.List(append(b, record(0, 0, 0, "TRAILER!!!", "")...))
		want := "the archive ends without /" + missing
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// FuzzList proves that nothing panics, that a refusal says where, and that what
// is accepted is the one archive of its contents.
func FuzzList(f *testing.F) {
	f.Add(join(records()))
	b := join(records()[:5])
	f.Add(b)
	f.Add(append(b, record(0, 0, 0, "TRAILER!!!", "")...))
	f.Fuzz(func(t *testing.T, b []byte) {
		members, err := initrd.List(b)
		if err != nil {
			var malformed *initrd.FormatError
			if !errors.As(err, &malformed) || malformed.Offset < 0 || malformed.Offset > int64(len(b)) {
				t.Fatalf("refused without a place: %v", err)
			}
			return
		}
		again, err := initrd.Build(contentsOf(members))
		if err != nil {
			t.Fatalf("accepted, but cannot be built: %v", err)
		}
		if !bytes.Equal(again, b) {
			t.Fatal("accepted, but its contents make another archive")
		}
	})
}

func contentsOf(members []initrd.Member) initrd.Contents {
	c := initrd.Contents{Images: map[string][]byte{}}
	for _, m := range members {
		room, isImage := strings.CutPrefix(strings.TrimSuffix(m.Path, ".squashfs"), "/images/")
		switch {
		case m.Path == "/bin/bay0":
			c.Bay0 = m.Data
		case m.Path == "/.passports":
			c.Passports = m.Data
		case isImage:
			c.Images[room] = m.Data
		}
	}
	return c
}
