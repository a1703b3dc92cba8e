package initrd_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/u-root/u-root/pkg/cpio"

	"github.com/anchor-os/anchor/release/initrd"
)

// contents is what the tests' archives are made of.
func contents() initrd.Contents {
	return initrd.Contents{
		Bay0:      []byte("program"),
		Images:    map[string][]byte{"web": []byte("web image"), "vault-access": []byte("vault image")},
		Passports: []byte("passports"),
	}
}

// records are the same archive written down by hand, a record for each member.
func records() []string {
	return []string{
		record(1, 0o40755, 2, "bin", ""),
		record(2, 0o100555, 1, "bin/bay0", "program"),
		record(3, 0o40755, 2, "dev", ""),
		record(4, 0o40755, 2, "images", ""),
		record(5, 0o100444, 1, "images/vault-access.squashfs", "vault image"),
		record(6, 0o100444, 1, "images/web.squashfs", "web image"),
		record(7, 0o40755, 2, "proc", ""),
		record(8, 0o40755, 2, "room", ""),
		record(9, 0o40755, 2, "run", ""),
		record(10, 0o40755, 2, "sys", ""),
		record(11, 0o100444, 1, ".passports", "passports"),
		record(0, 0, 0, "TRAILER!!!", ""),
	}
}

// record is a member as newc has it: 6 + 13*8 characters, the name, the data.
func record(ino, mode, links int, name, data string) string {
	h := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		ino, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name)+1, 0)
	return pad4(h+name+"\x00") + pad4(data)
}

func pad4(s string) string { return s + "\x00\x00\x00"[:-len(s)&3] }

func join(records []string) []byte {
	var b []byte
	for _, r := range records {
		b = append(b, r...)
	}
	return b
}

func build(t *testing.T, c initrd.Contents) []byte {
	t.Helper()
	b, err := initrd.Build(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBuildToTheByte(t *testing.T) {
	got := build(t, contents())
	if d := cmp.Diff(string(join(records())), string(got)); d != "" {
		t.Error(d)
	}
	if len(got)%4 != 0 {
		t.Errorf("%d bytes, want a multiple of 4", len(got))
	}
}

func TestBuildWithoutRooms(t *testing.T) {
	c := contents()
	c.Images = nil
	members, err := initrd.List(build(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if len(members) != 9 {
		t.Errorf("%d members, want 9", len(members))
	}
}

// TestBuildIsReadByOthers reads the archive with u-root's own reader.
func TestBuildIsReadByOthers(t *testing.T) {
	rr := cpio.Newc.Reader(bytes.NewReader(build(t, contents())))
	var names []string
	err := cpio.ForEachRecord(rr, func(r cpio.Record) error {
		names = append(names, fmt.Sprintf("%o %s", r.Mode, r.Name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"40755 bin", "100555 bin/bay0", "40755 dev", "40755 images",
		"100444 images/vault-access.squashfs", "100444 images/web.squashfs",
		"40755 proc", "40755 room", "40755 run", "40755 sys", "100444 .passports",
	}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
}

func TestBuildRefuses(t *testing.T) {
	with := func(change func(*initrd.Contents)) initrd.Contents {
		c := contents()
		change(&c)
		return c
	}
	image := func(name string, data []byte) initrd.Contents {
		return with(func(c *initrd.Contents) { c.Images = map[string][]byte{name: data} })
	}
	badName := func(name string) string {
		return fmt.Sprintf("cannot embed the image of room %q: no room can have that name", name)
	}
	for _, c := range []struct {
		name string
		in   initrd.Contents
		want string
	}{
		{"no Bay0", with(func(c *initrd.Contents) { c.Bay0 = nil }), "cannot embed /bin/bay0: it is empty"},
		{"no passports", with(func(c *initrd.Contents) { c.Passports = nil }), "cannot embed /.passports: it is empty"},
		{"empty image", image("web", nil), "cannot embed /images/web.squashfs: it is empty"},
		{"room without a name", image("", []byte("x")), badName("")},
		{"room outside the directory", image("../bin/bay0", []byte("x")), badName("../bin/bay0")},
		{"room in capitals", image("Web", []byte("x")), badName("Web")},
		{"room beginning with a digit", image("1web", []byte("x")), badName("1web")},
		{"room with a newline", image("web\n", []byte("x")), badName("web\n")},
		{"room of 32 characters", image("abcdefghijklmnopqrstuvwxyz012345", []byte("x")), badName("abcdefghijklmnopqrstuvwxyz012345")},
		{"more than an archive holds", image("web", make([]byte, initrd.MaxSize)),
			"cannot embed /images/web.squashfs: the files would have 1073741831 bytes, at most 1073741824 are embedded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := initrd.Build(c.in)
			if err == nil {
				t.Fatal("the archive was built")
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestBay0IsTheOnlyExecutable(t *testing.T) {
	members, err := initrd.List(build(t, contents()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range members {
		if m.Mode.Type() != fs.ModeDir && m.Mode.Perm()&0o111 != 0 {
			got = append(got, m.Path)
		}
	}
	if d := cmp.Diff([]string{"/bin/bay0"}, got); d != "" {
		t.Error(d)
	}
}
