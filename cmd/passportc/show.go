package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/spf13/cobra"
)

func showCommand() *cobra.Command {
	var rooms, format string
	var system bool
	c := &cobra.Command{
		Use:   "show ROOM",
		Short: "show what is in force for a room, and why",
		Long: `Show lists every key of the language with the value that is in force for ROOM, and
where it comes from: the file and line that give it, or default, which is the schema.
Where nothing is granted or limited, the value is none. Sizes and times are shown as
they are written, and in bytes and milliseconds. Below stands what the room takes of
the machine's budget, and what is left of it.

With --system it does so for system.toml, and lists what each room takes.`,
		Example: `  passportc show web
  passportc show web --format json
  passportc show --rooms rooms work
  passportc show --system`,
		Args: func(c *cobra.Command, args []string) error {
			if system {
				return usageArgs(cobra.NoArgs)(c, args)
			}
			return usageArgs(cobra.ExactArgs(1))(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := wantFormat(format); err != nil {
				return err
			}
			shown, err := shownOf(c, filepath.Clean(rooms), args)
			if err != nil {
				return err
			}
			if format == "text" {
				return shown.text(c.OutOrStdout())
			}
			e := json.NewEncoder(c.OutOrStdout())
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			return e.Encode(shown)
		},
	}
	c.Flags().StringVar(&rooms, "rooms", defaultRooms, "directory of the rooms")
	c.Flags().StringVar(&format, "format", "text", "text or json")
	c.Flags().BoolVar(&system, "system", false, "show system.toml instead of a room")
	return c
}

// shown is what is in force for a room or, without Room, for the machine.
type shown struct {
	Room        string       `json:"room,omitempty"`
	File        string       `json:"file"`
	Keys        []shownKey   `json:"keys"`
	SystemCalls []string     `json:"system_calls,omitempty"` // the profile, plus allow, minus deny
	Devices     []string     `json:"devices,omitempty"`      // the nodes of the classes
	Budget      []budgetLine `json:"budget"`
}

type shownKey struct {
	Key    string   `json:"key"`
	Value  any      `json:"value"` // null: none
	Bytes  uint64   `json:"bytes,omitempty"`
	MS     uint64   `json:"ms,omitempty"`
	Origin *shownAt `json:"origin"` // null: the schema's default
	toml   string
}

type shownAt struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// budgetLine is one thing of which the machine has a limited amount.
type budgetLine struct {
	What    string            `json:"what"`
	Machine uint64            `json:"machine"`
	Rooms   map[string]uint64 `json:"rooms"`
	Left    uint64            `json:"left"`
	Origin  *shownAt          `json:"origin"`
	format  func(uint64) string
}

// shownOf reads the rooms, which must be without a fault: only then is there a policy
// in force.
func shownOf(c *cobra.Command, rooms string, names []string) (*shown, error) {
	if err := wantDirectory(rooms); err != nil {
		return nil, err
	}
	tree, faults := source.ReadTree(os.DirFS(rooms), rooms)
	checked, more := check.Check(tree)
	if faults = append(faults, more...); faults.HasErrors() {
		if err := faults.WriteText(c.ErrOrStderr(), colour(c.ErrOrStderr())); err != nil {
			return nil, err
		}
		return nil, &hinted{errors.New("cannot show what is in force of rooms that have faults"), "mend what is listed above first"}
	}
	s := &shown{Budget: budgets(checked)}
	if len(names) == 0 {
		s.File, s.Keys = tree.System.Source.Name, shownKeys(check.Settings(tree.System, true))
		return s, nil
	}
	var known []string
	for i, room := range checked.Rooms {
		if room.Name == names[0] {
			s.room(room, tree.Rooms[i].Passport) // both are sorted by name
			return s, nil
		}
		known = append(known, room.Name)
	}
	err := fmt.Errorf("there is no room %s in %s", diag.Quote(names[0]), rooms)
	if hint := diag.DidYouMean(names[0], known); hint != "" {
		return nil, &usageError{&hinted{err, hint}}
	}
	return nil, &usageError{&hinted{err, "its rooms are " + diag.Or(known)}}
}

func (s *shown) room(room check.Room, passport *source.File) {
	s.Room, s.File = room.Name, room.File
	s.Keys = shownKeys(check.Settings(passport, false))
	s.SystemCalls = room.SystemCalls.Calls
	for _, d := range room.Devices {
		s.Devices = append(s.Devices, d.Path)
	}
}

func shownKeys(settings []check.Setting) (keys []shownKey) {
	for _, s := range settings {
		k := shownKey{Key: s.Path, Origin: shownOrigin(s.Origin), toml: "none"}
		if s.Value != nil {
			k.Value, k.toml = s.Value.Plain(), s.Value.TOML()
		}
		switch s.Unit {
		case "bytes":
			k.Bytes = s.Amount
		case "ms":
			k.MS = s.Amount
		}
		keys = append(keys, k)
	}
	return keys
}

func shownOrigin(r diag.Range) *shownAt {
	if !r.Valid() {
		return nil
	}
	return &shownAt{r.Name(), r.From().Line, r.From().Column}
}

func budgets(c *check.Checked) []budgetLine {
	memory := budgetLine{What: "memory", Machine: c.System.BudgetMemory, Rooms: map[string]uint64{}, format: check.Size}
	pids := budgetLine{What: "pids", Machine: uint64(c.System.BudgetPids), Rooms: map[string]uint64{}, format: plain}
	memory.Left, pids.Left = memory.Machine, pids.Machine
	for _, room := range c.Rooms {
		memory.Rooms[room.Name], pids.Rooms[room.Name] = room.MemoryMax, uint64(room.Pids)
		memory.Left -= room.MemoryMax // check saw that it is enough
		pids.Left -= uint64(room.Pids)
	}
	memory.Origin = shownOrigin(c.System.Origin.At("budget.memory"))
	pids.Origin = shownOrigin(c.System.Origin.At("budget.pids"))
	return []budgetLine{memory, pids}
}
