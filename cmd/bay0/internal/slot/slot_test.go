package slot

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/google/go-cmp/cmp"
)

func expect(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var (
	unsettledA = abi.SlotA.UnsettledVariable()
	unsettledB = abi.SlotB.UnsettledVariable()
)

// The names are what deployed machines have in their firmware.
func TestNamesOfVariables(t *testing.T) {
	expect(t, []string{
		"AnchorUnsettledA-362c369f-ba07-46fb-ad0f-6c434f7b66a8",
		"AnchorUnsettledB-362c369f-ba07-46fb-ad0f-6c434f7b66a8",
		"AnchorFloor-362c369f-ba07-46fb-ad0f-6c434f7b66a8",
	}, []string{unsettledA, unsettledB, abi.FloorVariable})
}

func TestPromotedSlotSettles(t *testing.T) {
	f := newFirmware(t)
	order := f.get(bootOrder)
	f.fails()
	f.fails()
	expect(t, []byte{2}, f.get(unsettledA))
	f.heard()
	f.settles(1)
	expect(t, []byte{0}, f.get(unsettledA))
	expect(t, order, f.get(bootOrder))
	expect(t, []string{
		"slot: A, promoted true, unsettled boots 2",
		"slot: from now on slot A has no unsettled boots",
		"slot: from now on no policy below version 1 runs",
	}, f.heard())
}

// Flash wears out: a boot is counted and settles, which is two writes, and no more.
func TestSettlingAgainChangesNothing(t *testing.T) {
	f := newFirmware(t)
	f.settles(1)
	before := f.all()
	f.heard()
	f.settles(1)
	expect(t, before, f.all())
	expect(t, []string{"slot: A, promoted true, unsettled boots 0", "slot: from now on slot A has no unsettled boots"}, f.heard())
}

func TestTriedSlotSettles(t *testing.T) {
	f := newFirmware(t)
	f.set(bootNext, numbers(0x0a0b))
	f.settles(3)
	expect(t, numbers(0x0a0b, 0x0001, 0x0003), f.get(bootOrder))
	expect(t, []byte{3, 0, 0, 0}, f.get(abi.FloorVariable))
	expect(t, []byte(nil), f.get(unsettledB))
	expect(t, []string{
		"slot: B, promoted false, unsettled boots 0",
		"slot: from now on slot B is started first",
		"slot: from now on no policy below version 3 runs",
	}, f.heard())
}

// A slot that was never promoted need not be in the order.
func TestTriedSlotOutsideTheOrderSettles(t *testing.T) {
	f := newFirmware(t)
	f.set(bootOrder, numbers(0x0003, 0x0001))
	f.set(bootNext, numbers(0x0a0b))
	f.settles(1)
	expect(t, numbers(0x0a0b, 0x0003, 0x0001), f.get(bootOrder))
}

func TestTriedSlotThatFailsIsForgotten(t *testing.T) {
	f := newFirmware(t)
	f.set(bootNext, numbers(0x0a0b))
	order := f.get(bootOrder)
	expect(t, []string{"B", "A"}, []string{f.fails(), f.fails()})
	expect(t, order, f.get(bootOrder))
	expect(t, []byte(nil), f.get(unsettledB))
	expect(t, []byte(nil), f.get(abi.FloorVariable))
}

const chances = "A: cannot start slot A again: 3 boots in a row have not settled"

func TestPromotedSlotThatFailsThreeTimesGivesWayToTheOther(t *testing.T) {
	f := newFirmware(t)
	f.set(bootOrder, numbers(0x0001)) // B is found all the same
	expect(t, []string{"A", "A", "A", chances + "; slot B is next"}, []string{f.fails(), f.fails(), f.fails(), f.fails()})
	expect(t, numbers(0x0a0b), f.get(bootNext))
	expect(t, []byte{abi.OtherTried}, f.get(unsettledA))
	f.settles(1)
	expect(t, numbers(0x0a0b, 0x0001), f.get(bootOrder))
	expect(t, []byte{0}, f.get(unsettledA)) // who puts A first again finds it with all its chances
	expect(t, "B", f.fails())
}

// The machine that is switched on again starts anew.
func TestBothSlotsFail(t *testing.T) {
	f := newFirmware(t)
	for range 2 {
		var got []string
		for range 6 {
			got = append(got, f.fails())
		}
		expect(t, []string{"A", "A", "A", chances + "; slot B is next", "B", chances + ", and no other slot is left to try"}, got)
		expect(t, []byte{0}, f.get(unsettledA))
	}
}

func TestNoOtherSlot(t *testing.T) {
	f := newFirmware(t)
	f.set("Boot0A0B"+efivar.Global, append(loadOption(abi.SlotB), 0))
	f.set(unsettledA, []byte{abi.UnsettledLimit})
	_, err := f.start()
	if !errors.Is(err, ErrNoneLeft) {
		t.Errorf("error %v", err)
	}
	expect(t, []byte(nil), f.get(bootNext))
}

// What is not exactly ours is left as it is, however often the machine starts.
func TestWhatIsNotOurs(t *testing.T) {
	none := "slot: none, since Boot0001" + efivar.Global + " is no slot's boot entry"
	unusable := "slot: cannot use a variable: "
	for name, c := range map[string]struct {
		spoil func(f *firmware)
		said  []string
	}{
		"no entry":             {func(f *firmware) { os.Remove(f.file("Boot0001" + efivar.Global)) }, []string{none}},
		"another description":  {func(f *firmware) { f.replace("O\x00S", "o\x00s") }, []string{none}},
		"another file":         {func(f *firmware) { f.replace("A\x00.\x00E", "B\x00.\x00E") }, []string{none}},
		"another kind of node": {func(f *firmware) { f.replace("\x04\x01\x2a\x00", "\x04\x02\x2a\x00") }, []string{none}},
		"not active":           {func(f *firmware) { f.replace("\x01\x00\x00\x00", "\x00\x00\x00\x00") }, []string{none}},
		"optional data":        {func(f *firmware) { f.set("Boot0001"+efivar.Global, append(loadOption(abi.SlotA), "x"...)) }, []string{none}},
		"entry cut short":      {func(f *firmware) { f.set("Boot0001"+efivar.Global, loadOption(abi.SlotA)[:60]) }, []string{none}},
		"entry without a byte": {func(f *firmware) { f.set("Boot0001"+efivar.Global, nil) }, []string{none}},
		"huge entry":           {func(f *firmware) { f.set("Boot0001"+efivar.Global, make([]byte, 1<<20)) }, []string{none}},
		"order of an odd number of bytes": {
			func(f *firmware) { f.set(bootOrder, []byte{1, 0, 3}) },
			[]string{unusable + bootOrder + " holds 010003", "slot: none, since Boot0000" + efivar.Global + " is no slot's boot entry"},
		},
		"no order": {
			func(f *firmware) { os.Remove(f.file(bootOrder)) },
			[]string{"slot: none, since Boot0000" + efivar.Global + " is no slot's boot entry"},
		},
		"current entry of three bytes": {
			func(f *firmware) { f.set(bootCurrent, []byte{1, 0, 0}) },
			[]string{unusable + bootCurrent + " holds 010000", "slot: none, since Boot0000" + efivar.Global + " is no slot's boot entry"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFirmware(t)
			f.set(bootCurrent, numbers(0x0001))
			c.spoil(f)
			before := f.all()
			for range 5 {
				b := Read(f.dir, f.say)
				if err := b.Count(); err != nil {
					t.Fatal(err)
				}
				b.Keep(9)
				b.Settle()
				expect(t, c.said, f.heard())
			}
			expect(t, before, f.all())
		})
	}
}

// replace changes something in A's entry.
func (f *firmware) replace(before, after string) {
	f.t.Helper()
	option := loadOption(abi.SlotA)
	changed := []byte(strings.Replace(string(option), before, after, 1))
	if bytes.Equal(option, changed) {
		f.t.Fatalf("the entry has no %q", before)
	}
	f.set("Boot0001"+efivar.Global, changed)
}

// Our own variables, written by somebody else, count as not there, and are put
// right when they are written the next time.
func TestOwnVariablesMalformed(t *testing.T) {
	f := newFirmware(t)
	f.set(unsettledA, []byte{abi.OtherTried + 1})
	f.set(unsettledB, []byte{1, 0})
	f.set(abi.FloorVariable, []byte{9, 0, 0, 0, 0})
	expect(t, "A", f.fails())
	expect(t, []byte{1}, f.get(unsettledA))
	expect(t, []string{
		"slot: cannot use a variable: " + abi.FloorVariable + " holds 0900000000",
		"slot: cannot use a variable: " + unsettledA + " holds 05",
		"slot: cannot use a variable: " + unsettledB + " holds 0100",
		"slot: A, promoted true, unsettled boots 0",
	}, f.heard())
}

func TestFloor(t *testing.T) {
	for name, c := range map[string]struct {
		floor   []byte
		version uint32
		want    string
	}{
		"none":      {nil, 1, ""},
		"below":     {[]byte{4, 0, 0, 0}, 5, ""},
		"the same":  {[]byte{4, 0, 0, 0}, 4, ""},
		"above":     {[]byte{4, 0, 0, 0}, 3, "cannot run policy version 3: version 4 is the lowest that this machine may run"},
		"the most":  {[]byte{255, 255, 255, 255}, 1 << 31, "cannot run policy version 2147483648: version 4294967295 is the lowest that this machine may run"},
		"malformed": {[]byte{4, 0, 0}, 3, "cannot run policy version 3: version 4294967295 is the lowest that this machine may run"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFirmware(t)
			if c.floor != nil {
				f.set(abi.FloorVariable, c.floor)
			}
			b, err := f.start()
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := b.CheckFloor(c.version); err != nil {
				got = err.Error()
			}
			expect(t, c.want, got)
		})
	}
}

func TestFloorIsNeverLowered(t *testing.T) {
	f := newFirmware(t)
	f.set(abi.FloorVariable, []byte{4, 0, 0, 0})
	f.settles(3)
	expect(t, []byte{4, 0, 0, 0}, f.get(abi.FloorVariable))
	f.settles(5)
	expect(t, []byte{5, 0, 0, 0}, f.get(abi.FloorVariable))
}

// The floor holds for whatever the machine was started from. Only a slot raises it.
func TestFloorOfABootThatIsNoSlots(t *testing.T) {
	f := newFirmware(t)
	f.set(bootOrder, numbers(0x0003))
	f.set(abi.FloorVariable, []byte{2, 0, 0, 0})
	b, err := f.start()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.CheckFloor(1); err == nil {
		t.Error("version 1 runs below the floor")
	}
	f.settles(5)
	expect(t, []byte{2, 0, 0, 0}, f.get(abi.FloorVariable))
}

// The floor is raised only once the slot that it does not shut out is the first.
func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	t.Run("the count", func(t *testing.T) {
		f := newFirmware(t)
		f.set(unsettledA, []byte{1})
		f.thaw = os.ErrPermission
		expect(t, "A", f.fails())
		expect(t, "slot: cannot count the boots of slot A: thaw "+unsettledA+": permission denied", f.heard()[1])
	})
	t.Run("the next slot", func(t *testing.T) {
		f := newFirmware(t)
		f.set(unsettledA, []byte{abi.UnsettledLimit})
		if err := os.Mkdir(f.file(bootNext), 0o700); err != nil {
			t.Fatal(err)
		}
		f.set(bootCurrent, numbers(0x0001))
		b := Read(f.dir, f.say)
		if err := b.Count(); !errors.Is(err, ErrNoneLeft) {
			t.Errorf("error %v", err)
		}
		expect(t, "slot: cannot try slot B: open "+bootNext+": is a directory", f.heard()[1])
	})
	t.Run("the order", func(t *testing.T) {
		f := newFirmware(t)
		f.set(bootNext, numbers(0x0a0b))
		b, err := f.start()
		if err != nil {
			t.Fatal(err)
		}
		f.heard()
		f.thaw = os.ErrPermission
		b.Keep(5)
		b.Settle()
		expect(t, []string{
			"slot: cannot record later that slot B is started first: thaw " + bootOrder + ": permission denied",
			"slot: cannot record that slot B is started first: invalid argument",
		}, f.heard())
		expect(t, []byte(nil), f.get(abi.FloorVariable))
	})
	t.Run("the order, when it comes to it", func(t *testing.T) {
		f := newFirmware(t)
		f.set(bootNext, numbers(0x0a0b))
		b, err := f.start()
		if err != nil {
			t.Fatal(err)
		}
		f.heard()
		b.Keep(5)
		b.later[0].to.Close()
		b.Settle()
		expect(t, []string{"slot: cannot record that slot B is started first: write " + bootOrder + ": file already closed"}, f.heard())
		if b, err := os.ReadFile(f.file(abi.FloorVariable)); err != nil || len(b) != 0 {
			t.Errorf("the floor is %x, %v", b, err)
		}
	})
}

func TestMachineWithoutVariables(t *testing.T) {
	f := newFirmware(t)
	b := Read(nil, f.say)
	if err := errors.Join(b.Count(), b.CheckFloor(1)); err != nil {
		t.Error(err)
	}
	b.Keep(1)
	b.Settle()
	expect(t, []string(nil), f.heard())
}

// What is taken for a slot's entry is one: there is nothing in it but what belongs
// there.
func FuzzSlotOf(f *testing.F) {
	for _, s := range abi.Slots {
		option := loadOption(s)
		f.Add(option)
		f.Add(option[:len(option)-1])
		f.Add(append(option, 0))
	}
	f.Add([]byte(nil))
	f.Add([]byte("\x01\x00\x00\x00\xff\xffA\x00"))
	f.Fuzz(func(t *testing.T, option []byte) {
		s, ours := slotOf(option)
		if !ours {
			return
		}
		want := loadOption(s)
		const partition = 4 + 2 + 24 + 4
		if len(option) != len(want) {
			t.Fatalf("%x has %d bytes, want %d", option, len(option), len(want))
		}
		copy(want[:4], option)
		copy(want[partition:partition+38], option[partition:])
		if !bytes.Equal(want, option) || option[0]&1 == 0 {
			t.Errorf("%x is taken for slot %v", option, s)
		}
	})
}
