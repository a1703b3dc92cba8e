package slot

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/policy/abi"
)

// entry is the number of a boot entry, in the bytes in which variables name it.
type entry [2]byte

func (e entry) variable() string {
	return fmt.Sprintf("Boot%04X", binary.LittleEndian.Uint16(e[:])) + efivar.Global
}

// slotOf is the slot that a boot entry starts (UEFI specification, 3.1.3,
// EFI_LOAD_OPTION). Each byte of a slot's entry is known but for the attributes
// and which partition the file lies on, so there is nothing to parse: what differs
// is not ours, and so is what has optional data, which would reach the boot stub as
// a command line.
func slotOf(option []byte) (s abi.Slot, ours bool) {
	const attributes, active, partition = 4, 1, 38
	for _, s := range abi.Slots {
		head, tail := fixed(s)
		if len(option) == attributes+len(head)+partition+len(tail) && option[0]&active != 0 &&
			bytes.HasPrefix(option[attributes:], head) && bytes.HasSuffix(option, tail) {
			return s, true
		}
	}
	return 0, false
}

// fixed is what stands before and behind the partition: the device path's length,
// the description, the head of the hard drive's node; the nodes of the file and of
// the end (UEFI specification, 10.3.5.1, 10.3.5.4, 10.3.1).
func fixed(s abi.Slot) (head, tail []byte) {
	const hardDrive, end = 42, 4
	file := utf16(s.File())
	tail = binary.LittleEndian.AppendUint16([]byte{4, 4}, uint16(4+len(file)))
	tail = append(append(tail, file...), 0x7f, 0xff, end, 0)
	head = binary.LittleEndian.AppendUint16(nil, uint16(hardDrive+len(tail)))
	head = append(append(head, utf16(s.Description())...), 4, 1, hardDrive, 0)
	return head, tail
}

// utf16 is ASCII as the firmware has it, and the zero that ends it.
func utf16(s string) (b []byte) {
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return append(b, 0, 0)
}
