package vm

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
)

const (
	sector     = 512
	smallestFS = 34 << 20 // of FAT32, with room to spare
)

// makeSlots makes a disk whose one partition, of the EFI system, holds an image in each slot that has one.
func makeSlots(ctx context.Context, path string, images [len(abi.Slots)]string) error {
	size := int64(1 << 20)
	for _, image := range images {
		if image == "" {
			continue
		}
		info, err := os.Stat(image)
		if err != nil {
			return fmt.Errorf("cannot make the boot volume: %w", err)
		}
		size += info.Size() + info.Size()/8
	}
	if err := fillSlots(ctx, path, images, max(size, smallestFS)&^(alignment-1)); err != nil {
		return fmt.Errorf("cannot make the boot volume: %w", err)
	}
	return nil
}

func fillSlots(ctx context.Context, path string, images [len(abi.Slots)]string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := cmp.Or(f.Truncate(size+2*alignment), f.Close()); err != nil {
		return err
	}
	table := fmt.Sprintf("label: gpt\nstart=%d, size=%d, type=uefi, uuid=%s\n", alignment/sector, size/sector, uuid(volumeFile))
	if _, err := runTool(ctx, table, "sfdisk", "--quiet", path); err != nil {
		return err
	}
	drive := path + "@@" + strconv.Itoa(alignment)
	commands := [][]string{{"mformat", "-F", "-T", strconv.FormatInt(size/sector, 10), "-i", drive, "::"}}
	for _, s := range abi.Slots {
		at := "::" + strings.ReplaceAll(s.File(), `\`, "/")
		if s == abi.SlotA {
			commands = append(commands, []string{"mmd", "-i", drive, "::/EFI", at[:strings.LastIndexByte(at, '/')]})
		}
		if images[s] != "" {
			commands = append(commands, []string{"mcopy", "-i", drive, images[s], at})
		}
	}
	for _, c := range commands {
		if _, err := runTool(ctx, "", c[0], c[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// SlotEntry is the boot entry of a slot on the disk of a machine with Slots: a load option (UEFI
// specification, 3.1.3) whose device path is a partition, by its GUID, and a file (10.3.5.1, 10.3.5.4).
// Optional data is what firmware would hand to the image.
func SlotEntry(s abi.Slot, optional ...byte) []byte {
	le := binary.LittleEndian
	drive := []byte{4, 1, 42, 0}
	drive = le.AppendUint32(drive, 1) // the partition's number
	drive = le.AppendUint64(drive, alignment/sector)
	drive = le.AppendUint64(drive, 0) // its size, by which nobody finds it
	drive = append(append(drive, guidBytes(uuid(volumeFile))...), 2, 2)
	name := utf16(s.File())
	file := append(le.AppendUint16([]byte{4, 4}, uint16(4+len(name))), name...)
	path := slices.Concat(drive, file, []byte{0x7f, 0xff, 4, 0})
	const active = 1
	head := le.AppendUint16(le.AppendUint32(nil, active), uint16(len(path)))
	return slices.Concat(head, utf16(s.Description()), path, optional)
}
