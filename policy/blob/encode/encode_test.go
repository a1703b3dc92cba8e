package encode_test

import (
	"bytes"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/google/go-cmp/cmp"
)

func TestPolicyComesBackFromItsBytes(t *testing.T) {
	for _, arch := range abi.Arches {
		want := sample()
		want.Arch = arch
		b, err := encode.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		v, err := blob.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, encode.Policy(v)); diff != "" {
			t.Errorf("%v: decoded policy differs (-want +got):\n%s", arch, diff)
		}
	}
}

func TestStringsAndFiltersAreStoredOnce(t *testing.T) {
	p := sample()
	p.Rooms[1].Filter = p.Rooms[0].Filter
	b, err := encode.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("HOME=/tmp\x00")); n != 1 {
		t.Errorf("HOME=/tmp stands %d times, want 1", n)
	}
	other, err := encode.Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	const perFilter = 3 * 8 // its three instructions
	if saved := len(other) - len(b); saved != perFilter {
		t.Errorf("a shared filter saves %d bytes, want %d", saved, perFilter)
	}
}

// What Bay0 or a reviewer would refuse, encode refuses, with their own words.
func TestEncodeRefusesWhatBay0Would(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*policy.Policy)
		want  string
	}{
		"no rooms": {
			func(p *policy.Policy) { p.Rooms = nil },
			"cannot encode policy: cannot accept the policy: 0 rooms, want 1 to 4096",
		},
		"rooms out of order": {
			func(p *policy.Policy) { p.Rooms[0], p.Rooms[1] = p.Rooms[1], p.Rooms[0] },
			"cannot encode policy: cannot accept the policy: rooms do not ascend, at number 1",
		},
		"root uid": {
			func(p *policy.Policy) { p.Rooms[0].UID = 0 },
			"cannot encode policy: cannot decode policy blob: byte 0x78: uid 0, want 10000 to 19999",
		},
		"empty filter": {
			func(p *policy.Policy) { p.Rooms[0].Filter = nil },
			"cannot encode policy: cannot decode policy blob: byte 0x78: a filter of 0 instructions, want 1 to 4096",
		},
		"nul in an argument": {
			func(p *policy.Policy) { p.Rooms[0].Argv[1] = "a\x00b" },
			`cannot encode policy: cannot accept the policy: "a\x00b" has a NUL in it`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := sample()
			c.spoil(&p)
			_, err := encode.Encode(p)
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzCanonical: whatever is read encodes to the same bytes, a refusal comes without a
// view, and of whatever Bay0 decodes every access is in bounds.
func FuzzCanonical(f *testing.F) {
	for _, arch := range abi.Arches {
		p := sample()
		p.Arch = arch
		b, err := encode.Encode(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		p.Rooms = p.Rooms[:1]
		if b, err = encode.Encode(p); err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, d := range defects {
		b, err := encode.Encode(sample())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(d.spoil(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := blob.Decode(b); (v == nil) == (err == nil) {
			t.Fatalf("view %v and error %v", v, err)
		} else if err == nil {
			encode.Policy(v) // which reads all of it
		}
		v, err := encode.Read(b)
		if (v == nil) == (err == nil) {
			t.Fatalf("view %v and error %v", v, err)
		}
		if err != nil {
			return
		}
		again, err := encode.Encode(encode.Policy(v))
		if err != nil {
			t.Fatalf("accepted, but does not encode: %v", err)
		}
		if !bytes.Equal(b, again) {
			t.Fatal("accepted, but encodes to other bytes")
		}
	})
}
