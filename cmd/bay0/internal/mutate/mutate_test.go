package mutate_test

import (
	"testing"

	"github.com/anchor-os/anchor/cmd/bay0/internal/mutate"
)

func TestMake(t *testing.T) {
	made, err := mutate.Make("../..", "launch", "stage", "invariant", "boot", "confine", "sys")
	if err != nil {
		t.Fatal(err)
	}
	rooms := 0
	for _, m := range made.Mutants {
		if m.Room {
			rooms++
		}
		t.Log(m)
	}
	t.Log(rooms, len(made.Mutants))
}
