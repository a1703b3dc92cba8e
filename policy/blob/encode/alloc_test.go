package encode_test

import (
	"testing"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
)

// Bay0 reads the policy as PID 1: an accessor that allocated would make the
// memory of a machine depend on how often it looks.
func TestAccessorsDoNotAllocate(t *testing.T) {
	v, err := blob.Decode(good(t))
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	var number uint64
	var instruction abi.Instruction
	allocations := testing.AllocsPerRun(100, func() {
		for i := range v.Rooms() {
			r := v.Room(i)
			text, number = r.Name(), r.Namespaces()
			for j := range r.Argv().Len() {
				text = r.Argv().At(j)
			}
			for j := range r.Cgroup().Len() {
				text, _ = r.Cgroup().At(j)
			}
			for j := range r.Mounts().Len() {
				m := r.Mounts().At(j)
				for k := range m.Options().Len() {
					text, _ = m.Options().At(k)
				}
			}
			for j := range r.Filter().Len() {
				instruction = r.Filter().At(j)
			}
			for j := range r.Paths().Len() {
				text, number = r.Paths().At(j)
			}
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations, want 0", allocations)
	}
	if len(text) == 0 || number == 0 || instruction.Op == 0 {
		t.Error("the accessors returned nothing")
	}
}

func TestCommandLineEndsTheKernelsOwnParsing(t *testing.T) {
	got := string(blob.AppendCommandLine(nil, []byte("console=ttyAMA0"), [32]byte{0xab, 31: 0xcd}))
	want := "console=ttyAMA0 bay0.passports=sha256:ab" + zeros(60) + "cd --"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}
