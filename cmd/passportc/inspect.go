package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/anchor-os/anchor/release/signing"
	"github.com/anchor-os/anchor/release/uki"
	"github.com/spf13/cobra"
)

func inspectCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "show what a policy blob or an image holds",
		Long: `Inspect reads a policy blob or a whole image (UKI) and shows it: an image's
sections, command line and Authenticode digest, and everything that the policy in
it allows. What breaks the format is an error, and so is an image whose parts do
not agree.`,
		Example: `  passportc inspect out/passports.bin
  passportc inspect --format json out/anchor.efi`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := wantFormat(format); err != nil {
				return err
			}
			b, err := readFile(args[0])
			if err != nil {
				return err
			}
			return inspect(c.OutOrStdout(), args[0], format, b)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// inspection is the whole of 'inspect --format json'.
type inspection struct {
	Image  *ukiReport    `json:"image,omitempty"`
	Policy *policyReport `json:"policy"`
}

type ukiReport struct {
	Size         int             `json:"size"`
	Architecture string          `json:"architecture"`
	Kernel       string          `json:"kernel"`
	CommandLine  string          `json:"command_line"`
	Signed       bool            `json:"signed"`
	Authenticode string          `json:"authenticode"`
	Sections     []sectionReport `json:"sections"`
}

type sectionReport struct {
	Name    string `json:"name"`
	OnDisk  string `json:"name_on_disk"`
	Offset  int64  `json:"offset"`
	Size    int64  `json:"size"` // bytes of contents
	Address int64  `json:"address"`
	Digest  string `json:"digest"`
}

func inspect(w io.Writer, name, format string, b []byte) error {
	var found inspection
	blobBytes := b
	if bytes.HasPrefix(b, []byte("MZ")) {
		img, report, err := reportUKI(b)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		found.Image, blobBytes = report, img.Passports
	}
	policy, err := reportPolicy(blobBytes)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	found.Policy = policy
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(found)
	}
	p := &printer{w: w}
	if found.Image != nil {
		p.uki(found.Image)
	}
	p.policy(found.Policy)
	return p.err
}

// reportUKI reads an image, and wants it whole: its law, the agreement of its
// parts, and one digest by two readings.
func reportUKI(b []byte) (*uki.Image, *ukiReport, error) {
	img, err := uki.Read(b)
	if err != nil {
		return nil, nil, err
	}
	if err := uki.Verify(img); err != nil {
		return nil, nil, err
	}
	if err := uki.VerifyPolicy(img.Arch, img.Parts); err != nil {
		return nil, nil, err
	}
	digest, err := signing.Digest(b)
	if err != nil {
		return nil, nil, err
	}
	report := &ukiReport{
		Size:         len(b),
		Architecture: img.Arch.String(),
		Kernel:       string(img.Uname),
		CommandLine:  string(img.CommandLine),
		Signed:       img.Signed,
		Authenticode: digestString(digest),
	}
	for _, s := range img.Sections {
		report.Sections = append(report.Sections, sectionReport{
			Name: s.Logical, OnDisk: s.Name, Offset: s.Offset, Size: s.VirtualSize,
			Address: s.VirtualAddress, Digest: digestString(s.SHA256),
		})
	}
	return img, report, nil
}

func (p *printer) uki(r *ukiReport) {
	p.field("image", "%d bytes for %s, kernel %s, %s", r.Size, r.Architecture, r.Kernel, signedWord(r.Signed))
	p.field("authenticode", "%s", r.Authenticode)
	p.field("command line", "%s", r.CommandLine)
	p.printf("\n%-12s %-9s %10s %10s  %s\n", "section", "on disk", "offset", "bytes", "digest")
	for _, s := range r.Sections {
		p.printf("%-12s %-9s %10d %10d  %s\n", s.Name, s.OnDisk, s.Offset, s.Size, s.Digest)
	}
	p.printf("\n")
}

func signedWord(signed bool) string {
	if signed {
		return "signed (not verified here)"
	}
	return "unsigned"
}
