package abi

// Slot is one of the two places for a release on the EFI system partition. The
// firmware starts either by a boot entry (UEFI specification, 3.1.3), which Bay0
// and the tool that deploys must both know for what it is.
type Slot uint8

const (
	SlotA Slot = iota
	SlotB
)

// Slots are all there are.
var Slots = [...]Slot{SlotA, SlotB}

func (s Slot) String() string { return [...]string{"A", "B"}[s] }

// Other is the slot that s is not.
func (s Slot) Other() Slot { return 1 - s }

// Description is that of the slot's boot entry, whole and exactly.
func (s Slot) Description() string { return "Anchor OS " + s.String() }

// File is the slot's image, as the device path of its boot entry names it.
func (s Slot) File() string { return `\EFI\ANCHOR\` + s.String() + ".EFI" }

// Firmware variables of our own, named as efivarfs names them: the name, and the
// GUID of the vendor.
const (
	VendorGUID = "362c369f-ba07-46fb-ad0f-6c434f7b66a8"
	// FloorVariable is a u32, little-endian: the lowest version of a policy that runs
	// on this machine. Without it any does.
	FloorVariable = "AnchorFloor-" + VendorGUID
)

// UnsettledVariable is a byte: how many times in a row the machine has started the
// slot, as the first in its boot order, without settling, up to UnsettledLimit; or
// OtherTried, once the other slot was given its one try for that. Without it there
// was none: whoever puts another image into the slot removes it.
func (s Slot) UnsettledVariable() string { return "AnchorUnsettled" + s.String() + "-" + VendorGUID }

const (
	UnsettledLimit = 3
	OtherTried     = UnsettledLimit + 1
)
