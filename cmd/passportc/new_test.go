package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/google/go-cmp/cmp"
)

// The program of a new room compiles and passes go vet as it is.
func TestNewProgramPassesVet(t *testing.T) {
	files, err := room{Name: "new-room"}.files()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(program, files["program/main.go"], 0o666); err != nil {
		t.Fatal(err)
	}
	vet := exec.Command("go", "vet", program) // as a file of this module
	vet.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestNextUser(t *testing.T) {
	for _, tt := range []struct {
		name  string
		users []uint32
		want  uint32
	}{
		{"no room", nil, 10000},
		{"one above the highest", []uint32{10007, 10001}, 10008},
		{"the lowest free when there is none above", []uint32{10000, 19999, 10001}, 10002},
	} {
		var rooms []check.Room
		for _, user := range tt.users {
			rooms = append(rooms, check.Room{User: user})
		}
		if got := nextUser(rooms); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// What is there stays as it is, and nothing lies beside it afterwards.
func TestMakeDirectoryIsAllOrNothing(t *testing.T) {
	base := t.TempDir()
	there := filepath.Join(base, "rooms", "there")
	want := "cannot write to " + filepath.Dir(there) + ": no such file or directory"
	if err := makeDirectory(there, nil); err == nil || err.Error() != want {
		t.Errorf("in a directory that does not exist: %v, want %s", err, want)
	}
	if err := os.MkdirAll(there, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := makeDirectory(there, map[string][]byte{"a/b": []byte("x")}); err == nil {
		t.Error("a directory was put over another")
	}
	if err := makeDirectory(filepath.Join(base, "rooms", "new"), map[string][]byte{"a/b": []byte("x")}); err != nil {
		t.Error(err)
	}
	var got []string
	err := filepath.WalkDir(base, func(path string, _ os.DirEntry, err error) error {
		got = append(got, strings.TrimPrefix(path, base))
		return err
	})
	left := []string{"", "/rooms", "/rooms/new", "/rooms/new/a", "/rooms/new/a/b", "/rooms/there"}
	if diff := cmp.Diff(left, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
}

// Rooms that are made at the same time wait for each other: each has a user of its own, and all of them pass.
func TestNewRoomsAtOnce(t *testing.T) {
	rooms := t.TempDir()
	system := "system = 1\npolicy = { version = 1, floor = 1 }\nkernel = { command-line = [] }\nbudget = { memory = \"1GiB\", pids = 1024 }\n"
	if err := os.WriteFile(filepath.Join(rooms, "system.toml"), []byte(system), 0o666); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			var said bytes.Buffer
			if code := run([]string{"new", "--rooms", rooms, fmt.Sprintf("room-%d", i)}, &said, &said); code != exitOK {
				t.Errorf("room %d: exit %d\n%s", i, code, said.String())
			}
		})
	}
	all.Wait()
	var said bytes.Buffer
	if code := run([]string{"check", rooms}, &said, &said); code != exitOK {
		t.Errorf("check: exit %d\n%s", code, said.String())
	}
}
