package uki

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/initrd"
)

// VerifyPolicy judges whether the other parts of an image are those that its policy
// wants: its machine, its whole command line, and in the initrd the image of every
// room and of no other. Bay0 would refuse to boot anything else.
func VerifyPolicy(arch abi.Arch, p Parts) error {
	v, err := encode.Read(p.Passports)
	if err != nil {
		return err
	}
	if v.Arch() != arch {
		return fmt.Errorf("cannot accept a policy for %v in an image for %v", v.Arch(), arch)
	}
	want := blob.AppendCommandLine(nil, v.CommandLine(), sha256.Sum256(p.Passports))
	if !bytes.Equal(p.CommandLine, want) {
		return fmt.Errorf("cannot accept the command line %q: the policy wants %q", p.CommandLine, want)
	}
	return verifyImages(v, p.Initrd)
}

func verifyImages(v *blob.View, archive []byte) error {
	members, err := initrd.List(archive)
	if err != nil {
		return err
	}
	images := map[string][]byte{}
	for _, m := range members {
		if bytes.HasPrefix([]byte(m.Path), []byte(abi.ImageDir+"/")) {
			images[m.Path] = m.Data
		}
	}
	for i := range v.Rooms() {
		r := v.Room(i)
		path := abi.ImagePath(string(r.Name()))
		image, found := images[path]
		if !found {
			return fmt.Errorf("cannot accept the initrd: it has no image of room %s", r.Name())
		}
		if sum := sha256.Sum256(image); !bytes.Equal(sum[:], r.ImageSHA256()) {
			return fmt.Errorf("cannot accept the initrd: the image of room %s has digest %x, the policy wants %x", r.Name(), sum, r.ImageSHA256())
		}
		delete(images, path)
	}
	for path := range images {
		return fmt.Errorf("cannot accept the initrd: %s is the image of no room", path)
	}
	return nil
}
