package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"text/template"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/spf13/cobra"
)

func newCommand() *cobra.Command {
	var rooms string
	c := &cobra.Command{
		Use:   "new ROOM",
		Short: "make a room that passes at once",
		Long: `New makes the directory of a room: a passport with the least of everything, and
an example of all else that a passport can say, the stub of a program in Go, and the
recipe of its image for Nix.
The room gets the next free user. It passes 'check' and boots as it is; there is
nothing to register, since rooms are found by their directories.

Nothing is made if the other rooms have faults, if there is a room of that name,
or if the new one would not pass.`,
		Example: `  passportc new mail
  passportc new --rooms rooms mail`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return newRoom(c, filepath.Clean(rooms), args[0])
		},
	}
	c.Flags().StringVar(&rooms, "rooms", defaultRooms, "directory of the rooms")
	return c
}

// room is what the files of a new room are filled in with.
type room struct {
	Name   string
	User   uint32
	Memory string
	Pids   int
}

func newRoom(c *cobra.Command, rooms, name string) error {
	if err := wantName(name); err != nil {
		return err
	}
	if err := wantDirectory(rooms); err != nil {
		return err
	}
	unlock, err := lockDirectory(rooms) // until it is made, nobody else takes its user
	if err != nil {
		return err
	}
	defer unlock()
	dir := filepath.Join(rooms, name)
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return &hinted{fmt.Errorf("cannot make the room %s: %s is there already", name, dir), "choose another name"}
	}
	tree, checked, err := sound(c.ErrOrStderr(), rooms)
	if err != nil {
		return err
	}
	r := room{Name: name, User: nextUser(checked.Rooms), Memory: "16MiB", Pids: 32}
	files, err := r.files()
	if err != nil {
		return err
	}
	if err := fits(c.ErrOrStderr(), tree, dir, r, files["passport.toml"]); err != nil {
		return err
	}
	if err := makeDirectory(dir, files); err != nil {
		return fmt.Errorf("cannot make the room %s: %w", name, err)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), `%[1]s: a room that runs as user %[2]d, with %[3]s of memory and %[4]d processes
what next:
  say in %[1]s/passport.toml what it is for, and grant what it needs
  write its program in %[1]s/program
  passportc check %[5]s
  make demo
`, dir, r.User, r.Memory, r.Pids, rooms)
	return err
}

func wantName(name string) error {
	hint := "use small letters, digits and inner hyphens, a letter first, at most 31 characters"
	switch {
	case policy.ValidRoomName(name):
		return nil
	case name == abi.Bay0Name:
		hint = "choose another name: this one is PID 1's in the log, and no room may speak as it"
	}
	return &hinted{&usageError{fmt.Errorf("a room cannot be called %q", name)}, hint}
}

// sound reads the rooms that are there. Only if they have no fault is the next
// free user the right one.
func sound(stderr io.Writer, rooms string) (*source.Tree, *check.Checked, error) {
	tree, faults := source.ReadTree(os.DirFS(rooms), rooms)
	checked, more := check.Check(tree)
	if faults = append(faults, more...); !faults.HasErrors() {
		return tree, checked, nil
	}
	if err := faults.WriteText(stderr, colour(stderr)); err != nil {
		return nil, nil, err
	}
	return nil, nil, &hinted{errors.New("cannot make a room beside rooms that have faults"), "mend what is listed above first"}
}

// nextUser follows the highest user: one below it may have belonged to a room that
// is gone, whose files are still there. Only when no number is left above is the
// lowest free one taken.
func nextUser(rooms []check.Room) uint32 {
	taken := map[uint32]bool{}
	highest := uint32(abi.MinUID - 1)
	for _, r := range rooms {
		taken[r.User] = true
		highest = max(highest, r.User)
	}
	if highest < abi.MaxUID {
		return highest + 1
	}
	for user := uint32(abi.MinUID); ; user++ { // ends: there are more users than rooms can be
		if !taken[user] {
			return user
		}
	}
}

//go:embed newroom
var templates embed.FS

// files gives the new room's files by their paths in its directory.
func (r room) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for path, from := range map[string]string{"passport.toml": "passport.toml", "program/main.go": "main.go.txt", "image.nix": "image.nix.txt"} {
		t, err := template.ParseFS(templates, "newroom/"+from)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		if err := t.Execute(&text, r); err != nil {
			return nil, err
		}
		files[path] = text.Bytes()
	}
	// The names in it are as long as they are: only now is it known what aligns.
	passport, faults := source.Parse("passport.toml", files["passport.toml"])
	if passport == nil {
		return nil, fmt.Errorf("the template is broken: %s", faults[0].Summary)
	}
	var err error
	files["passport.toml"], err = source.Format(passport)
	return files, err
}

// fits judges the new passport among the others before anything is written.
func fits(stderr io.Writer, tree *source.Tree, dir string, r room, passport []byte) error {
	file, faults := source.Parse(filepath.Join(dir, "passport.toml"), passport)
	if file == nil {
		return fmt.Errorf("cannot make the room %s: %w", r.Name, errors.New(faults[0].Summary))
	}
	tree.Rooms = append(tree.Rooms, source.Directory{Name: r.Name, Passport: file})
	_, faults = check.Check(tree)
	if !faults.HasErrors() {
		return nil
	}
	if err := faults.WriteText(stderr, colour(stderr)); err != nil {
		return err
	}
	fault := &hinted{fmt.Errorf("cannot make the room %s", r.Name), "see what is listed above"}
	if !slices.ContainsFunc(faults, func(d diag.Diagnostic) bool { return d.Code != diag.OverBudget }) {
		fault.error = fmt.Errorf("cannot make the room %s: the budget has no place for its %s of memory and %d processes", r.Name, r.Memory, r.Pids)
		fault.hint = "raise the budget in system.toml, or lower what other rooms may use"
	}
	return fault
}
