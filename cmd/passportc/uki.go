package main

import (
	"crypto/sha256"
	"fmt"

	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/uki"
	"github.com/spf13/cobra"
)

func ukiCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "uki",
		Short: "assemble and try the bootable image",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return &usageError{&hinted{fmt.Errorf("which command?"), seeHelp(c)}}
		},
	}
	c.AddCommand(ukiBuildCommand(), ukiBootCommand())
	return c
}

// ukiInputs are the files that an image is assembled of.
type ukiInputs struct{ stub, linux, initrd, passports, osRelease string }

func ukiBuildCommand() *cobra.Command {
	var in ukiInputs
	var output string
	c := &cobra.Command{
		Use:   "build --stub FILE --linux FILE --initrd FILE --passports FILE --os-release FILE -o FILE",
		Short: "assemble the image",
		Long: `Build puts the kernel, the initrd, the policy and its command line behind
systemd's EFI stub. The command line is the policy's own, followed by the digest
of the policy and ' --'. The initrd must hold the same policy. The same files
give the same bytes; nothing is signed.`,
		Example: `  passportc uki build --stub linuxaa64.efi.stub --linux Image --initrd out/initrd \
    --passports out/passports.bin --os-release rooms/os-release -o out/anchor.efi`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			parts, err := in.read()
			if err != nil {
				return err
			}
			image, err := assemble(parts)
			if err != nil {
				return fmt.Errorf("cannot assemble %s: %w", output, err)
			}
			return writeFile(output, image)
		},
	}
	c.Flags().StringVar(&in.stub, "stub", "", "systemd's EFI stub")
	c.Flags().StringVar(&in.linux, "linux", "", "the kernel")
	c.Flags().StringVar(&in.initrd, "initrd", "", "the initial root")
	c.Flags().StringVar(&in.passports, "passports", "", "the policy blob")
	c.Flags().StringVar(&in.osRelease, "os-release", "", "an os-release(5) file")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write")
	require(c, "stub", "linux", "initrd", "passports", "os-release", "output")
	return c
}

// assemble reads its own work again: what it gives, inspect accepts.
func assemble(parts uki.Parts) ([]byte, error) {
	b, err := uki.Assemble(parts)
	if err != nil {
		return nil, err
	}
	img, err := uki.Read(b)
	if err != nil {
		return nil, err
	}
	return b, uki.VerifyPolicy(img.Arch, img.Parts)
}

func (in ukiInputs) read() (parts uki.Parts, err error) {
	for _, f := range []struct {
		path string
		to   *[]byte
	}{
		{in.stub, &parts.Stub},
		{in.linux, &parts.Linux},
		{in.initrd, &parts.Initrd},
		{in.passports, &parts.Passports},
		{in.osRelease, &parts.OSRelease},
	} {
		if *f.to, err = readFile(f.path); err != nil {
			return parts, err
		}
	}
	v, err := encode.Read(parts.Passports)
	if err != nil {
		return parts, fmt.Errorf("%s: %w", in.passports, err)
	}
	parts.CommandLine = blob.AppendCommandLine(nil, v.CommandLine(), sha256.Sum256(parts.Passports))
	release, err := uki.KernelRelease(parts.Linux)
	if err != nil {
		return parts, fmt.Errorf("%s: %w", in.linux, err)
	}
	parts.Uname = []byte(release)
	return parts, nil
}
