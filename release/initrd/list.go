package initrd

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"github.com/u-root/u-root/pkg/cpio"
)

// The header of a member: the magic, then 13 fields of 8 hexadecimal digits.
const (
	magic      = "070701"
	headerSize = len(magic) + 8*fieldCount
	nameLimit  = 64 // more than any member's name has

	inodeField = 0
	modeField  = 1
	linkField  = 4
	sizeField  = 6
	nameField  = 11
	fieldCount = 13
)

type header [fieldCount]uint32

var fieldNames = [fieldCount]string{
	"inode", "mode", "uid", "gid", "link count", "time", "size",
	"device major", "device minor", "node major", "node minor", "name size", "check sum",
}

// List reads an archive that Build made. It takes time in proportion to its
// length; data of members is not copied. Every error is a *FormatError. u-root's
// reader is not used: it hides leading slashes, takes any length and any order,
// and stops at the trailer whatever may follow.
func List(b []byte) ([]Member, error) {
	r := reader{b: b}
	var members []Member
	for {
		m, err := r.member(len(members))
		if err != nil {
			return nil, err
		}
		if m.Path == cpio.Trailer {
			break
		}
		members = append(members, m)
	}
	if err := complete(members, int64(r.at)); err != nil {
		return nil, err
	}
	if r.at != len(b) {
		return nil, malformed(int64(r.at), "%d bytes behind the trailer", len(b)-r.at)
	}
	return members, nil
}

// complete finds the members that every archive has.
func complete(members []Member, at int64) error {
	for _, want := range fixed {
		if _, found := slices.BinarySearchFunc(members, want, compare); !found {
			return malformed(at, "the archive ends without %s", want.Path)
		}
	}
	return nil
}

// reader walks an archive.
type reader struct {
	b    []byte
	at   int
	last Member // before at
}

// member reads member number i, or the trailer as a member of that path.
func (r *reader) member(i int) (Member, error) {
	start := r.at
	h, err := r.header()
	if err != nil {
		return Member{}, err
	}
	name, err := r.name(h[nameField])
	if err != nil {
		return Member{}, err
	}
	if name == cpio.Trailer {
		return Member{Path: name}, h.equal(header{nameField: h[nameField]}, start)
	}
	m, known := expected("/" + name)
	if !known {
		return Member{}, malformed(int64(start), "member %q has no place in the archive", name)
	}
	if err := r.follows(m, start); err != nil {
		return Member{}, err
	}
	if err := h.equal(wanted(i, m, h), start); err != nil {
		return Member{}, err
	}
	m.Offset = int64(r.at)
	if m.Mode.IsRegular() {
		m.Data, err = r.data(h[sizeField], m.Path)
	}
	r.last = m
	return m, err
}

// header reads the fields at a member's start.
func (r *reader) header() (header, error) {
	var h header
	b := r.b[r.at:]
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return h, malformed(int64(r.at), "no header of a member (newc) where one is due")
	}
	digits := b[len(magic):headerSize]
	if i := bytes.IndexFunc(digits, notDigit); i >= 0 {
		return h, malformed(int64(r.at+len(magic)+i), "%q in a header, want a digit 0-9 A-F", digits[i:i+1])
	}
	var raw [4 * fieldCount]byte
	hex.Decode(raw[:], digits)
	for i := range h {
		h[i] = binary.BigEndian.Uint32(raw[4*i:])
	}
	r.at += headerSize
	return h, nil
}

func notDigit(c rune) bool { return (c < '0' || c > '9') && (c < 'A' || c > 'F') }

// name reads a name, its final zero and its padding.
func (r *reader) name(size uint32) (string, error) {
	b := r.b[r.at:]
	if size < 2 || size > nameLimit || int(size) > len(b) {
		return "", malformed(int64(r.at), "a name of %d bytes, want 2 to %d and the archive to hold them", size, nameLimit)
	}
	name := b[:size-1]
	if end := bytes.IndexByte(b[:size], 0); end != len(name) {
		return "", malformed(int64(r.at), "name %q, want its only zero at the end", b[:size])
	}
	r.at += int(size)
	return string(name), r.padding()
}

// data reads a file's bytes and their padding; no file is empty.
func (r *reader) data(size uint32, path string) ([]byte, error) {
	b := r.b[r.at:]
	if size == 0 || int64(size) > int64(len(b)) {
		return nil, malformed(int64(r.at), "%s has %d bytes, want some and the archive to hold them: it has %d left", path, size, len(b))
	}
	r.at += int(size)
	return b[:size:size], r.padding()
}

// padding skips to the next multiple of 4.
func (r *reader) padding() error {
	for ; r.at%4 != 0; r.at++ {
		if r.at == len(r.b) || r.b[r.at] != 0 {
			return malformed(int64(r.at), "want a zero here, as padding to a multiple of 4")
		}
	}
	return nil
}

// follows judges whether a member may stand where it does.
func (r *reader) follows(m Member, start int) error {
	switch c := compare(r.last, m); {
	case c == 0:
		return malformed(int64(start), "member %s a second time", m.Path)
	case c > 0:
		return malformed(int64(start), "member %s behind %s, want it before", m.Path, r.last.Path)
	}
	return nil
}

// wanted is the only header that member number i may have: of what was got only
// the lengths are free, and only a file's.
func wanted(i int, m Member, got header) header {
	h := header{
		inodeField: uint32(inode(i)),
		modeField:  uint32(mode(m.Mode)),
		linkField:  uint32(links(m.Mode)),
		nameField:  got[nameField],
	}
	if m.Mode.IsRegular() {
		h[sizeField] = got[sizeField]
	}
	return h
}

// equal names the first field that is not as wanted.
func (h header) equal(want header, start int) error {
	for i, name := range fieldNames {
		if h[i] != want[i] {
			return malformed(int64(start+len(magic)+8*i), "%s %#x, want %#x", name, h[i], want[i])
		}
	}
	return nil
}
