package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/uki"
	"github.com/anchor-os/anchor/release/vm"
)

// partitionSize is enough for what a room keeps when somebody tries it.
const partitionSize = 64 << 20

// provideDisk makes the data disk that a policy needs. One that is there is only looked at: what
// rooms have kept is theirs. It returns the disk's path, or "" if there is none and no room needs one.
func provideDisk(ctx context.Context, stdout io.Writer, v *blob.View, disk string) (string, error) {
	partitions := partitionsOf(v)
	switch _, err := os.Stat(disk); {
	case err == nil:
		return disk, checkDisk(ctx, disk, partitions)
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("cannot use the data disk: %w", err)
	case len(partitions) == 0:
		return "", nil
	}
	if err := vm.MakeDisk(ctx, disk, partitions); err != nil {
		return "", err
	}
	for _, p := range partitions {
		fmt.Fprintf(stdout, "%s: made partition %s, %d MiB, owned by %d\n", disk, p.Label, p.Size>>20, p.Owner)
	}
	return disk, nil
}

// readPolicy reads the policy of an image.
func readPolicy(image string) (*blob.View, error) {
	b, err := readFile(image)
	if err != nil {
		return nil, err
	}
	img, err := uki.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", image, err)
	}
	v, err := encode.Read(img.Passports)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", image, err)
	}
	return v, nil
}

// partitionsOf are the partitions that a policy's rooms use, by name. One that several rooms share belongs
// to the first that can write to it.
func partitionsOf(v *blob.View) (partitions []vm.Partition) {
	type use struct {
		label  string
		reader int // 0: it writes
		uid    uint32
	}
	var uses []use
	for i := range v.Rooms() {
		mounts := v.Room(i).Mounts()
		for j := range mounts.Len() {
			if m := mounts.At(j); len(m.Partition()) > 0 {
				uses = append(uses, use{string(m.Partition()), int(m.Attributes() & abi.MountReadOnly), v.Room(i).UID()})
			}
		}
	}
	slices.SortStableFunc(uses, func(a, b use) int {
		return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.reader, b.reader))
	})
	for _, u := range slices.CompactFunc(uses, func(a, b use) bool { return a.label == b.label }) {
		partitions = append(partitions, vm.Partition{Label: u.label, Size: partitionSize, Owner: u.uid})
	}
	return partitions
}

// checkDisk names the first partition that a room would miss.
func checkDisk(ctx context.Context, disk string, want []vm.Partition) error {
	labels, err := vm.DiskLabels(ctx, disk)
	if err != nil {
		return err
	}
	for _, p := range want {
		if !slices.Contains(labels, p.Label) {
			return &hinted{fmt.Errorf("cannot use the data disk %s: it has no partition %s", disk, p.Label),
				"delete it, with all that rooms have kept on it, and it is made anew"}
		}
	}
	return nil
}
