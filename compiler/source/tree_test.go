package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o444} }

func TestReadTree(t *testing.T) {
	tree, faults := ReadTree(fstest.MapFS{
		"system.toml":        file("s = 1"),
		"web/passport.toml":  file("w = 1"),
		"work/passport.toml": file("w ="),
		"work/image.nix":     file("not read"),
		"os-release":         file("not read"),
		".new/passport.toml": file("not read"),
	}, "rooms")
	want := "Error: broken TOML: expected value, not end of input [P0201]\n\n  on rooms/work/passport.toml:1:3:\n   1: w =\n        ^\n\n"
	if diff := cmp.Diff(want, render(t, faults)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if tree.System == nil || tree.System.Source.Name != "rooms/system.toml" {
		t.Errorf("system: %v", tree.System)
	}
	if len(tree.Rooms) != 2 || tree.Rooms[0].Name != "web" || tree.Rooms[0].Passport == nil || tree.Rooms[1].Name != "work" || tree.Rooms[1].Passport != nil {
		t.Errorf("rooms: %v", tree.Rooms)
	}
}

func TestDefectsOfDirectories(t *testing.T) {
	system, many := file("s = 1"), fstest.MapFS{"system.toml": file("")}
	for i := range maxRooms + 1 {
		many["r"+strings.Repeat("x", i/256)+string(rune('a'+i%256))+"/passport.toml"] = file("")
	}
	loops := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(loops, "web"), 0o777),
		os.Symlink("b", filepath.Join(loops, "a")), os.Symlink("a", filepath.Join(loops, "b")),
		os.Symlink("passport.toml", filepath.Join(loops, "web", "passport.toml")),
		os.Symlink("system.toml", filepath.Join(loops, "system.toml"))); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		give fs.FS
		want string
	}{
		{"an empty directory", fstest.MapFS{}, `Error: no rooms in "rooms" [P0107]

  on rooms

A rooms directory holds system.toml and a directory with a passport.toml for
each room.

`},
		{"no directory", os.DirFS(filepath.Join(loops, "missing")), `Error: cannot read the rooms directory: no such file or directory [P0101]

  on rooms

`},
		{"no system.toml", fstest.MapFS{"web/passport.toml": file("")}, `Error: no system.toml in "rooms" [P0108]

  on rooms

It holds what concerns the machine as a whole: the policy's version, the
kernel command line, the budget.

`},
		{"a directory without a passport", fstest.MapFS{"system.toml": system, "web/pasport.toml": file("")}, `Error: no passport.toml in "rooms/web" [P0109]

  on rooms/web

Every directory beside system.toml is a room, and every room has a passport.

`},
		{"an unreadable passport", failing{fstest.MapFS{"system.toml": system, "web/passport.toml": file("")}, "web/passport.toml", fs.ErrPermission}, `Error: cannot read "rooms/web/passport.toml": permission denied [P0101]

  on rooms/web/passport.toml

`},
		{"an error while reading", failing{fstest.MapFS{"system.toml": system}, "system.toml", nil}, `Error: cannot read "rooms/system.toml": input/output error [P0101]

  on rooms/system.toml

`},
		{"a named pipe", fstest.MapFS{"system.toml": {Mode: fs.ModeNamedPipe}}, `Error: "rooms/system.toml" is not a regular file [P0102]

  on rooms/system.toml

`},
		{"a directory for a passport", fstest.MapFS{"system.toml": system, "web/passport.toml/x": file("")}, `Error: "rooms/web/passport.toml" is not a regular file [P0102]

  on rooms/web/passport.toml

`},
		{"links that go in circles", os.DirFS(loops), `Error: cannot read "rooms/a/passport.toml": too many levels of symbolic links [P0101]

  on rooms/a/passport.toml

Error: cannot read "rooms/b/passport.toml": too many levels of symbolic links [P0101]

  on rooms/b/passport.toml

Error: cannot read "rooms/system.toml": too many levels of symbolic links [P0101]

  on rooms/system.toml

Error: cannot read "rooms/web/passport.toml": too many levels of symbolic links [P0101]

  on rooms/web/passport.toml

`},
		{"too many rooms", many, `Error: 4097 rooms [P0110]

  on rooms

A policy holds at most 4096 rooms.

`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := ReadTree(tt.give, "rooms")
			if diff := cmp.Diff(tt.want, render(t, faults)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestReadRoom(t *testing.T) {
	room, faults := ReadRoom(fstest.MapFS{"passport.toml": file("a = 1")}, "rooms/web")
	if room.Name != "web" || room.Passport == nil || room.Passport.Source.Name != "rooms/web/passport.toml" {
		t.Errorf("got %v:\n%s", room, render(t, faults))
	}
}

// failing gives an error for one file, when it is opened or else when it is read.
type failing struct {
	fs.FS
	name string
	open error
}

func (f failing) Open(name string) (fs.File, error) {
	inner, err := f.FS.Open(name)
	switch {
	case name != f.name || err != nil:
		return inner, err
	case f.open != nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: f.open}
	}
	return brokenFile{inner}, nil
}

func (f failing) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }

type brokenFile struct{ fs.File }

func (brokenFile) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

// endless is a file that never ends and tells whatever size it likes.
type endless struct {
	size int64
	read int64
}

func (e *endless) Open(string) (fs.File, error) { return e, nil }
func (e *endless) Stat() (fs.FileInfo, error)   { return e, nil }
func (e *endless) Close() error                 { return nil }
func (e *endless) Name() string                 { return "passport.toml" }
func (e *endless) Size() int64                  { return e.size }
func (e *endless) Mode() fs.FileMode            { return 0o444 }
func (e *endless) ModTime() time.Time           { return time.Time{} }
func (e *endless) IsDir() bool                  { return false }
func (e *endless) Sys() any                     { return nil }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '['
	}
	e.read += int64(len(b))
	return len(b), nil
}

func TestAsManyRoomsAsThereCanBe(t *testing.T) {
	files := fstest.MapFS{"system.toml": file("a = 1")}
	for i := range maxRooms {
		files[fmt.Sprintf("r%d/passport.toml", i)] = file("a = 1")
	}
	tree, faults := ReadTree(files, "rooms")
	if len(faults) > 0 || len(tree.Rooms) != maxRooms {
		t.Fatalf("%d rooms, and\n%s", len(tree.Rooms), render(t, faults))
	}
	for _, room := range tree.Rooms {
		if room.Passport == nil || room.Passport.Source.Name != "rooms/"+room.Name+"/passport.toml" {
			t.Fatalf("%s has the passport %v", room.Name, room.Passport)
		}
	}
}

func TestLargeFilesAreNotReadThrough(t *testing.T) {
	tests := []struct {
		name string
		give *endless
		want string
		read int64
	}{
		{"100 MB", &endless{size: 100_000_000}, "100000000", 0},
		{"a million brackets", &endless{size: 1_000_000}, "1000000", 0},
		{"a size that is not true", &endless{size: 0}, "65537", maxFile + 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := ReadRoom(tt.give, "web")
			want := "Error: the file has " + tt.want + " bytes [P0103]\n\n  on web/passport.toml\n\nA file has at most 65536 bytes.\n\n"
			if diff := cmp.Diff(want, render(t, faults)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if tt.give.read > tt.read {
				t.Errorf("%d bytes were read, want at most %d", tt.give.read, tt.read)
			}
		})
	}
}
