package initrd

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"github.com/u-root/u-root/pkg/cpio"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// Contents is what goes into an archive.
type Contents struct {
	Bay0      []byte            // the program of PID 1
	Images    map[string][]byte // a squashfs for each room's name
	Passports []byte            // the policy blob
}

// Build makes the archive, whose length is a multiple of 4. No part may be empty.
func Build(c Contents) ([]byte, error) {
	members, err := c.members()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := cpio.Newc.Writer(&b)
	for i, m := range members {
		if err := w.WriteRecord(record(i, m)); err != nil {
			return nil, fmt.Errorf("cannot write member %s: %w", m.Path, err)
		}
	}
	if err := cpio.WriteTrailer(w); err != nil {
		return nil, fmt.Errorf("cannot write the trailer: %w", err)
	}
	return b.Bytes(), nil
}

// members are those of the archive, in its order.
func (c Contents) members() ([]Member, error) {
	members := slices.Clone(fixed)
	for name, image := range c.Images {
		if !policy.ValidRoomName(name) {
			return nil, fmt.Errorf("cannot embed the image of room %q: no room can have that name", name)
		}
		members = append(members, Member{Path: abi.ImagePath(name), Mode: 0o444, Data: image})
	}
	slices.SortFunc(members, compare)
	total := 0
	for i := range members {
		m := &members[i]
		switch m.Path {
		case abi.Bay0Path:
			m.Data = c.Bay0
		case abi.PassportsPath:
			m.Data = c.Passports
		}
		if m.Mode.IsRegular() && len(m.Data) == 0 {
			return nil, fmt.Errorf("cannot embed %s: it is empty", m.Path)
		}
		if total += len(m.Data); total > MaxSize {
			return nil, fmt.Errorf("cannot embed %s: the files would have %d bytes, at most %d are embedded", m.Path, total, MaxSize)
		}
	}
	return members, nil
}

// record gives member number i all that its header holds.
func record(i int, m Member) cpio.Record {
	return cpio.StaticRecord(m.Data, cpio.Info{
		Name:  m.Path,
		Ino:   inode(i),
		Mode:  mode(m.Mode),
		NLink: links(m.Mode),
	})
}

// inode is the number of a member's place: to the kernel two files that share a
// number are hard links, and u-root's MakeReproducible leaves it alone.
func inode(i int) uint64 { return uint64(i) + 1 }

func mode(m fs.FileMode) uint64 {
	if m.IsDir() {
		return cpio.S_IFDIR | uint64(m.Perm())
	}
	return cpio.S_IFREG | uint64(m.Perm())
}

// links counts a directory's name and its dot: none has directories in it.
func links(m fs.FileMode) uint64 {
	if m.IsDir() {
		return 2
	}
	return 1
}
