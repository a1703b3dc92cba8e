// Package initrd builds and reads the initramfs of a machine: Bay0, the rooms'
// images and the passports, and nothing else.
//
//	archive = /bin /bin/bay0 /dev /images { /images/ROOM.squashfs }
//	          /proc /room /run /sys /.passports trailer
//
// The archive is canonical: members are sorted, only /.passports comes last, and
// of each header every field follows from the member's place, path and size. One
// set of contents has one archive, and List accepts no other bytes. It is not
// compressed, so that the very bytes of Bay0, images and passports can be found
// in the signed file. /bin/bay0 is the only file that can be executed.
//
// Source: kernel, Documentation/driver-api/early-userspace/buffer-format.rst.
package initrd

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// Member is a directory or file of an archive.
type Member struct {
	Path   string // absolute
	Mode   fs.FileMode
	Data   []byte // of a file; its length is the member's size
	Offset int64  // of Data in the archive, in bytes
}

// MaxSize is how much all files of an archive may hold, in bytes.
const MaxSize = 1 << 30

// fixed are the members that every archive has.
var fixed = func() (members []Member) {
	for _, e := range abi.Initramfs {
		members = append(members, member(e.Path, e.Mode))
	}
	return members
}()

// member has the mode as Go knows it: of types there are two.
func member(path string, mode uint32) Member {
	m := Member{Path: path, Mode: fs.FileMode(mode & 0o777)}
	if mode&^0o777 == 0o040000 { // S_IFDIR
		m.Mode |= fs.ModeDir
	}
	return m
}

// expected is the member that may stand at a path, without data. There is none
// for a path that no archive has.
func expected(path string) (Member, bool) {
	i := slices.IndexFunc(fixed, func(m Member) bool { return m.Path == path })
	if i >= 0 {
		return fixed[i], true
	}
	name, isImage := strings.CutPrefix(path, abi.ImageDir+"/")
	name, isSquashfs := strings.CutSuffix(name, ".squashfs")
	return member(path, abi.ImageMode), isImage && isSquashfs && policy.ValidRoomName(name)
}

// compare is the order of members: by path, so that a directory stands before
// what is in it, but the passports last. Where the kernel unpacks two files of
// one path the later wins, and nothing in the archive is later than they are.
func compare(a, b Member) int {
	if c := isPassports(a) - isPassports(b); c != 0 {
		return c
	}
	return strings.Compare(a.Path, b.Path)
}

func isPassports(m Member) int {
	if m.Path == abi.PassportsPath {
		return 1
	}
	return 0
}

// FormatError tells where an archive is not as Build makes it.
type FormatError struct {
	Offset int64 // in the archive, bytes
	Detail string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("archive at offset %#x: %s", e.Offset, e.Detail)
}

func malformed(offset int64, format string, a ...any) error {
	return &FormatError{offset, fmt.Sprintf(format, a...)}
}
