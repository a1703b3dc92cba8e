package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/initrd"
	"github.com/spf13/cobra"
)

func initrdCommand() *cobra.Command {
	var bay0, images, passports, output string
	c := &cobra.Command{
		Use:   "initrd --bay0 FILE --images DIR --passports FILE -o FILE",
		Short: "build the initial root: Bay0, the rooms' images, the policy",
		Long: `Initrd builds the archive that the kernel unpacks as its first root. It holds
Bay0, DIR/ROOM.squashfs for each room of the policy, and the policy itself as the
last member, and nothing else. An image whose digest is not the policy's is
refused.`,
		Example: `  passportc initrd --bay0 bin/bay0-arm64 --images out/images --passports out/passports.bin -o out/initrd`,
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			contents, err := initrdContents(bay0, images, passports)
			if err != nil {
				return err
			}
			b, err := initrd.Build(contents)
			if err != nil {
				return err
			}
			return writeFile(output, b)
		},
	}
	c.Flags().StringVar(&bay0, "bay0", "", "the static program of PID 1")
	c.Flags().StringVar(&images, "images", "", "directory with an image for each room")
	c.Flags().StringVar(&passports, "passports", "", "the policy blob")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write")
	require(c, "bay0", "images", "passports", "output")
	return c
}

func initrdContents(bay0, images, passports string) (contents initrd.Contents, err error) {
	if contents.Bay0, err = readFile(bay0); err != nil {
		return contents, err
	}
	if contents.Passports, err = readFile(passports); err != nil {
		return contents, err
	}
	v, err := encode.Read(contents.Passports)
	if err != nil {
		return contents, fmt.Errorf("%s: %w", passports, err)
	}
	contents.Images = map[string][]byte{}
	for i := range v.Rooms() {
		r := v.Room(i)
		image, err := roomImage(images, r)
		if err != nil {
			return contents, err
		}
		contents.Images[string(r.Name())] = image
	}
	return contents, nil
}

// roomImage reads a room's image and wants it to be the policy's.
func roomImage(dir string, r blob.Room) ([]byte, error) {
	file := filepath.Join(dir, string(r.Name())+".squashfs")
	if r.ImageSize() == 0 {
		return nil, &hinted{fmt.Errorf("cannot add %s: the policy binds room %s to no image", file, r.Name()),
			"compile the policy with --images"}
	}
	image, err := readFile(file)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(image); !bytes.Equal(sum[:], r.ImageSHA256()) {
		return nil, &hinted{fmt.Errorf("cannot add %s: its digest is %x, the policy wants %x", file, sum, r.ImageSHA256()),
			"compile the policy again after building the images"}
	}
	return image, nil
}

// maxInput bounds what is read into memory, in bytes: an image is smaller.
const maxInput = 1 << 30

func readFile(path string) ([]byte, error) {
	b, err := readRegular(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return b, nil
}

func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case info.Size() > maxInput:
		return nil, fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxInput)
	}
	return os.ReadFile(path)
}
