package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/anchor-os/anchor/compiler/diag"
)

const (
	systemFile   = "system.toml"
	passportFile = "passport.toml"
)

// Tree is what a rooms directory holds.
type Tree struct {
	Name   string      // the directory's path as the user would type it
	System *File       // nil: missing or faulty, which a diagnostic says
	Rooms  []Directory // sorted by name
}

// Directory is one room's directory.
type Directory struct {
	Name     string // the last element of its path
	Passport *File  // nil: missing or faulty, which a diagnostic says
}

// ReadTree reads a rooms directory: system.toml and, in every directory beside it,
// passport.toml. Other files beside system.toml are not looked at, nor is anything whose
// name begins with a dot, as no room's does. In diagnostics the directory is called name.
// The tree holds whatever could be read.
func ReadTree(fsys fs.FS, name string) (*Tree, diag.List) {
	var faults diag.List
	tree := &Tree{Name: name}
	dir := diag.NewSource(name, nil).Whole()
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		unreadable(&faults, dir, "the rooms directory", err)
		return tree, faults
	}
	for _, e := range entries {
		if e.Name() != systemFile && !strings.HasPrefix(e.Name(), ".") && isDirectory(fsys, e) {
			tree.Rooms = append(tree.Rooms, Directory{Name: e.Name()})
		}
	}
	_, err = fs.Stat(fsys, systemFile)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case missing && len(tree.Rooms) == 0:
		d := faults.Error(diag.NoRooms, dir, "no rooms in "+diag.Quote(name))
		d.Detail = "A rooms directory holds system.toml and a directory with a passport.toml for each room."
	case missing:
		d := faults.Error(diag.NoSystemFile, dir, "no system.toml in "+diag.Quote(name))
		d.Detail = "It holds what concerns the machine as a whole: the policy's version, the kernel command line, the budget."
	default:
		tree.System = readFile(&faults, fsys, systemFile, path.Join(name, systemFile))
	}
	if len(tree.Rooms) > maxRooms {
		faults.Error(diag.TooManyRooms, dir, fmt.Sprintf("%d rooms", len(tree.Rooms))).
			Detail = fmt.Sprintf("A policy holds at most %d rooms.", maxRooms)
		return tree, faults
	}
	return tree, append(faults, readPassports(fsys, name, tree.Rooms)...)
}

// readPassports reads those of all rooms, on every processor there is.
func readPassports(fsys fs.FS, name string, rooms []Directory) (faults diag.List) {
	found := make([]diag.List, len(rooms))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rooms)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(rooms)); i = next.Add(1) - 1 {
				rooms[i].Passport = readPassport(&found[i], fsys, rooms[i].Name, path.Join(name, rooms[i].Name))
			}
		})
	}
	group.Wait()
	return slices.Concat(found...)
}

// ReadRoom reads the passport in one room's directory, which is called name in
// diagnostics. The passport is nil if there are errors.
func ReadRoom(fsys fs.FS, name string) (Directory, diag.List) {
	var faults diag.List
	passport := readPassport(&faults, fsys, ".", name)
	return Directory{Name: path.Base(name), Passport: passport}, faults
}

// ReadFile reads one file of the language, whichever it is. In diagnostics it is called
// name. The file is nil if there are errors.
func ReadFile(fsys fs.FS, file, name string) (*File, diag.List) {
	var faults diag.List
	f := readFile(&faults, fsys, file, name)
	return f, faults
}

// isDirectory follows a symbolic link. One that leads nowhere counts as a room, so
// that it is reported and not passed over.
func isDirectory(fsys fs.FS, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := fs.Stat(fsys, e.Name())
	return err != nil || info.IsDir()
}

func readPassport(faults *diag.List, fsys fs.FS, dir, name string) *File {
	file := path.Join(dir, passportFile)
	if _, err := fs.Stat(fsys, file); errors.Is(err, fs.ErrNotExist) {
		d := faults.Error(diag.NoPassport, diag.NewSource(name, nil).Whole(), "no passport.toml in "+diag.Quote(name))
		d.Detail = "Every directory beside system.toml is a room, and every room has a passport."
		return nil
	}
	return readFile(faults, fsys, file, path.Join(name, passportFile))
}

// readFile reads and parses the file at a path, which is called name in
// diagnostics. It never takes in more than one byte above the limit.
func readFile(faults *diag.List, fsys fs.FS, file, name string) *File {
	src := diag.NewSource(name, nil)
	info, err := fs.Stat(fsys, file) // before opening, which would wait for the writer of a named pipe
	switch {
	case err != nil:
		unreadable(faults, src.Whole(), diag.Quote(name), err)
		return nil
	case !info.Mode().IsRegular():
		faults.Error(diag.NotRegular, src.Whole(), diag.Quote(name)+" is not a regular file")
		return nil
	case info.Size() > maxFile:
		*faults = append(*faults, tooLarge(src, info.Size())...)
		return nil
	}
	f, err := fsys.Open(file)
	if err != nil {
		unreadable(faults, src.Whole(), diag.Quote(name), err)
		return nil
	}
	defer f.Close() // only read from
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		unreadable(faults, src.Whole(), diag.Quote(name), err)
		return nil
	}
	parsed, more := Parse(name, text)
	*faults = append(*faults, more...)
	return parsed
}

func tooLarge(src *diag.Source, size int64) (faults diag.List) {
	d := faults.Error(diag.TooLarge, src.Whole(), fmt.Sprintf("the file has %d bytes", size))
	d.Detail = fmt.Sprintf("A file has at most %d bytes.", maxFile)
	return faults
}

// unreadable reports an error of the file system without the path that it repeats.
func unreadable(faults *diag.List, at diag.Range, what string, err error) {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	faults.Error(diag.Unreadable, at, fmt.Sprintf("cannot read %s: %v", what, err))
}
