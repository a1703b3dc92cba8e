package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/spf13/cobra"
)

func compileCommand() *cobra.Command {
	var arch, images, output string
	c := &cobra.Command{
		Use:   "compile --arch ARCH -o FILE [DIR]",
		Short: "compile passports into the policy blob",
		Long: `Compile checks the passports in DIR (default: rooms) as 'check' does and writes
the policy for one architecture: aarch64 or x86_64. The same passports and images
give the same bytes, everywhere and always.

With --images, each room is bound to the digest of IMAGES/ROOM.squashfs. Without,
the policy can be inspected, but Bay0 refuses to boot it.`,
		Example: `  passportc compile --arch aarch64 --images out/images -o out/passports.bin
  passportc compile --arch x86_64 -o policy.bin rooms`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			target, err := policy.ParseArch(arch)
			if err != nil {
				return &usageError{err}
			}
			return compile(c, roomsArgument(args), compiler.Target{Arch: target, Images: directory(images)}, output)
		},
	}
	c.Flags().StringVar(&arch, "arch", "", "aarch64 or x86_64")
	c.Flags().StringVar(&images, "images", "", "directory with an image for each room")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write")
	require(c, "arch", "output")
	return c
}

func compile(c *cobra.Command, rooms string, target compiler.Target, output string) error {
	if err := wantDirectory(rooms); err != nil {
		return err
	}
	p, faults, err := compiler.Compile(os.DirFS(rooms), rooms, target)
	if len(faults) > 0 {
		if err := report(c.ErrOrStderr(), "text", faults); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	b, err := encode.Encode(p)
	if err != nil {
		return err
	}
	if err := writeFile(output, b); err != nil {
		return err
	}
	if target.Images == nil {
		fmt.Fprintf(c.ErrOrStderr(), "%s: the rooms are bound to no image: this policy cannot boot\nhint: bind them with --images\n", output)
	}
	return nil
}

// directory is dir as a file system, or nil if there is none.
func directory(dir string) fs.FS {
	if dir == "" {
		return nil
	}
	return os.DirFS(dir)
}

// unwrapPath takes the system's reason out of an error that names the path too.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
