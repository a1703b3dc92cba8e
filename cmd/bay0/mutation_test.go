//go:build mutants

package main_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/anchor-os/anchor/cmd/bay0/internal/mutate"
)

// mutants are all of Bay0, and the program that has them in.
type mutants struct {
	all     []mutate.Mutant
	program []byte
}

// makeMutants mutates the packages that enforce.
func makeMutants() (mutants, error) {
	made, err := mutate.Make(".", "main", "boot", "confine", "invariant", "launch", "stage", "sys")
	if err != nil {
		return mutants{}, err
	}
	s := sources(made.Sources)
	if err := s.add("internal/mutant/mutant.go", "testdata/mutant/mutant.go"); err != nil {
		return mutants{}, err
	}
	if err := s.reporting(); err != nil {
		return mutants{}, err
	}
	if err := s.trying(); err != nil {
		return mutants{}, err
	}
	program, err := s.build()
	return mutants{made.Mutants, program}, err
}

// mark stands before the table in the program (testdata/mutant).
const mark = "mutants begin:\r\n"

// be is the program as one mutant of the machine, and one of each room by its place
// in the policy; 0 is none.
func (m mutants) be(machine int, rooms []int) ([]byte, error) {
	if bytes.Count(m.program, []byte(mark)) != 1 {
		return nil, fmt.Errorf("the program has %d tables of mutants", bytes.Count(m.program, []byte(mark)))
	}
	b := bytes.Clone(m.program)
	at := bytes.Index(b, []byte(mark)) + len(mark)
	binary.LittleEndian.PutUint16(b[at:], uint16(machine))
	for i, n := range rooms {
		binary.LittleEndian.PutUint16(b[at+2+2*i:], uint16(n))
	}
	return b, nil
}

// verdicts are how the mutants came to their ends: "" is one that lives.
type verdicts struct {
	sync.Mutex
	how map[int]string
}

func (v *verdicts) add(number int, how string) {
	v.Lock()
	defer v.Unlock()
	v.how[number] = how
}

// TestMutants takes each enforcing call of Bay0 away, or weakens it, and wants a
// probe, a state or Bay0 itself to tell. One that lives has its proof in
// docs/THREATS.md that it changes nothing.
func TestMutants(t *testing.T) {
	t.Parallel()
	m, err := makeMutants()
	if err != nil {
		t.Fatal(err)
	}
	found := &verdicts{how: map[int]string{}}
	t.Run("rooms", func(t *testing.T) { m.runRooms(t, found) })
	t.Run("machines", func(t *testing.T) { m.runMachines(t, found) })
	m.score(t, found.how)
}

// score names the mutants that live and prints how many do not.
func (m mutants) score(t *testing.T, how map[int]string) {
	proven, met := equivalents(t), map[string]bool{}
	killed, equal := 0, 0
	for _, x := range m.all {
		_, listed := proven[x.ID()]
		met[x.ID()] = true
		switch {
		case how[x.Number] != "" && listed:
			t.Errorf("docs/THREATS.md says that it changes nothing: %v: %s", x, how[x.Number])
		case how[x.Number] != "":
			killed++
			t.Logf("%v: %s", x, how[x.Number])
		case listed:
			equal++
		default:
			t.Errorf("it lives: %v", x)
		}
	}
	for id := range proven {
		if !met[id] {
			t.Errorf("docs/THREATS.md proves of a mutant that there is none of: %s", id)
		}
	}
	t.Logf("%d of %d mutants are killed: %.1f %%; %d more change nothing",
		killed, len(m.all)-equal, 100*float64(killed)/float64(len(m.all)-equal), equal)
}

// equivalents are the mutants of the table in docs/THREATS.md, with their proofs.
func equivalents(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../../docs/THREATS.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(content)) {
		const bar = "\x00" // a bar within a cell is written with a backslash
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, bar), "|")
		if len(cells) != 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`internal/") {
			continue
		}
		for i := range cells {
			cells[i] = strings.Trim(strings.ReplaceAll(cells[i], bar, "|"), " `")
		}
		id := cells[1] + ": " + cells[2] + ": " + cells[3]
		if all[id] != "" || cells[4] == "" {
			t.Errorf("docs/THREATS.md has no proof of %s, or two", id)
		}
		all[id] = cells[4]
	}
	return all
}
