package compiler

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/policy"
)

// squashfsMagic opens a squashfs 4.0 image, little-endian
// (kernel: fs/squashfs/squashfs_fs.h, SQUASHFS_MAGIC).
const squashfsMagic = "hsqs"

// bindImages takes size and digest of every room's image.
func bindImages(c *check.Checked, images fs.FS) (map[string]policy.Image, diag.List) {
	if images == nil {
		return nil, nil
	}
	var faults diag.List
	bound := map[string]policy.Image{}
	for _, r := range c.Rooms {
		image, err := readImage(images, r.Name+".squashfs")
		if err != nil {
			d := faults.Error(diag.BadImage, r.Origin.At("room.name"), fmt.Sprintf("cannot bind the image of room %s: %v", r.Name, err))
			d.Detail = "A room's image is the squashfs that holds its root. Its digest becomes part of the policy, so it must exist before the policy does."
			d.Hint = "build the room's image first, and name the directory with --images"
			continue
		}
		bound[r.Name] = image
	}
	return bound, faults
}

func readImage(images fs.FS, name string) (policy.Image, error) {
	f, err := images.Open(name)
	if err != nil {
		return policy.Image{}, err
	}
	defer f.Close()
	sum := sha256.New()
	var magic [len(squashfsMagic)]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil || !bytes.Equal(magic[:], []byte(squashfsMagic)) {
		return policy.Image{}, fmt.Errorf("%s is no squashfs", name)
	}
	sum.Write(magic[:])
	n, err := io.Copy(sum, io.LimitReader(f, policy.MaxImage))
	if err != nil {
		return policy.Image{}, err
	}
	image := policy.Image{Size: uint64(n) + uint64(len(magic))}
	if image.Size > policy.MaxImage {
		return policy.Image{}, fmt.Errorf("%s is larger than %d bytes", name, policy.MaxImage)
	}
	sum.Sum(image.SHA256[:0])
	return image, nil
}
