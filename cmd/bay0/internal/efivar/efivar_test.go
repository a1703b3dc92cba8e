package efivar

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// variables is a directory that stands for the firmware's, with these files.
func variables(t *testing.T, files map[string]string, thaw func(fd int) error) (*Dir, string) {
	t.Helper()
	path := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(path, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return In(dir, thaw), path
}

func TestRead(t *testing.T) {
	d, _ := variables(t, map[string]string{
		"Good":     "\x06\x00\x00\x00value",
		"NoValue":  "\x06\x00\x00\x00",
		"Empty":    "",
		"CutShort": "\x06\x00\x00",
	}, nil)
	for name, c := range map[string]struct{ want, err string }{
		"Good":     {"value", ""},
		"NoValue":  {"", ""},
		"Empty":    {"", "read Empty: file does not exist"},
		"CutShort": {"", "read CutShort: file does not exist"},
		"None":     {"", "open None: no such file or directory"},
	} {
		value, err := d.Read(name)
		if got := message(err); string(value) != c.want || got != c.err {
			t.Errorf("%s: %d bytes, error %q, want %d, %q", name, len(value), got, len(c.want), c.err)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestNoVariablesAtAll(t *testing.T) {
	var d *Dir
	if _, err := d.Read("Any"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read: %v", err)
	}
	if err := d.Set("Any", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("set: %v", err)
	}
}

// A variable is thawed before it is opened to be written, and what is not there
// needs no thawing.
func TestSet(t *testing.T) {
	thawed := 0
	d, path := variables(t, map[string]string{"There": "\x07\x00\x00\x00old"}, func(int) error { thawed++; return nil })
	for name, want := range map[string]int{"There": 1, "New": 0} {
		thawed = 0
		if err := d.Set(name, []byte("new")); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("\x07\x00\x00\x00new", string(got)); diff != "" || thawed != want {
			t.Errorf("%s, thawed %d times: %s", name, thawed, diff)
		}
	}
}

func TestSetWhatCannotBeThawed(t *testing.T) {
	d, path := variables(t, map[string]string{"There": "\x07\x00\x00\x00old"}, func(int) error { return fs.ErrPermission })
	if got, want := message(d.Set("There", []byte("new"))), "thaw There: permission denied"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, err := os.ReadFile(filepath.Join(path, "There")); err != nil || string(got) != "\x07\x00\x00\x00old" {
		t.Errorf("it holds %q, %v", got, err)
	}
}
