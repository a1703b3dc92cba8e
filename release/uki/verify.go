package uki

import (
	"errors"
	"fmt"

	"github.com/anchor-os/anchor/release/initrd"
)

// checks judge whether parts agree, each by what one section holds. They give a
// *LawError with an offset in that section.
var checks = []struct {
	section string
	check   func(machine uint16, p Parts) error
}{
	{linux, checkKernel},
	{uname, checkUname},
	{cmdline, checkCommandLine},
	{initramfs, checkInitrd},
}

// Verify judges whether the parts of an image agree: the kernel is one of the
// image's machine and of the release that .uname tells, the command line starts
// Bay0 and carries the digest of .passports, the initrd has the members of
// package initrd and no others, the last of them a copy of .passports. An error
// is a *LawError in the words that name the section.
func Verify(img *Image) error {
	return agree(img.machine, img.Parts, func(name string) int64 {
		for _, s := range img.Sections {
			if s.Name == name {
				return s.Offset
			}
		}
		return 0
	})
}

// inPart leaves offsets as they are, in the part.
func inPart(string) int64 { return 0 }

// agree tells the first disagreement; start is where a section starts.
func agree(machine uint16, p Parts, start func(section string) int64) error {
	for _, c := range checks {
		err := c.check(machine, p)
		if err == nil {
			continue
		}
		var clause *LawError
		if errors.As(err, &clause) {
			clause.Offset += start(c.section)
		}
		return fmt.Errorf("section %s: %w", c.section, err)
	}
	return nil
}

// checkInitrd relies on package initrd for what an archive may hold: the one
// executable file /bin/bay0 and nothing that the stub would unpack itself
// (/.extra).
func checkInitrd(_ uint16, p Parts) error {
	members, err := initrd.List(p.Initrd)
	if err != nil {
		var malformed *initrd.FormatError
		errors.As(err, &malformed)
		return broken("archive", int(malformed.Offset), "%s", malformed.Detail)
	}
	last := members[len(members)-1]
	if string(last.Data) != string(p.Passports) {
		return broken("passports", int(last.Offset), "%s is not the same as section %s", last.Path, logicalPassports)
	}
	return nil
}
