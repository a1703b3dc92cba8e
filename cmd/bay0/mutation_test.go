package main_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
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
	made, err := mutate.Make(".", "boot", "confine", "invariant", "launch", "stage", "sys")
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

func TestMutants(t *testing.T) {
	t.Parallel()
	m, err := makeMutants()
	if err != nil {
		t.Fatal(err)
	}
	found := &verdicts{how: map[int]string{}}
	t.Run("rooms", func(t *testing.T) { m.runRooms(t, found) })
	t.Run("machines", func(t *testing.T) { m.runMachines(t, found) })
	killed := 0
	for _, x := range m.all {
		if how := found.how[x.Number]; how != "" {
			killed++
			t.Logf("%v: %s", x, how)
		}
	}
	for _, x := range m.all {
		if found.how[x.Number] == "" {
			t.Errorf("it lives: %v", x)
		}
	}
	t.Logf("%d of %d mutants are killed", killed, len(m.all))
}
