package uki_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/initrd"
	"github.com/anchor-os/anchor/release/uki"
	"github.com/google/go-cmp/cmp"
)

// agreeing is an image's parts that agree with a policy of one room.
func agreeing(t *testing.T) uki.Parts {
	t.Helper()
	image := []byte("hsqs")
	passports, err := encode.Encode(policy.Policy{
		Arch: abi.AArch64, Version: 1, Floor: 1, LandlockABI: abi.LandlockABI, Watchdog: 30,
		CommandLine: "quiet rdinit=/bin/bay0 init=/bin/bay0",
		Filter:      []abi.Instruction{{Op: 6}},
		Rooms: []policy.Room{{
			Name: "web", Hostname: "web", Argv: []string{"/bin/web"}, Directory: "/", UID: 10001, GID: 10001,
			StartTimeout: 1, StopTimeout: 1, Log: abi.LogLimit{Burst: 1, PerSecond: 1}, Namespaces: abi.RoomNamespaces,
			Image: policy.Image{Size: 4, SHA256: sha256.Sum256(image)},
			Landlock: policy.Landlock{
				HandledFS: abi.LandlockFS, HandledNet: abi.LandlockNet, Scoped: abi.LandlockScopes,
			},
			Filter: []abi.Instruction{{Op: 6}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := blob.Decode(passports)
	if err != nil {
		t.Fatal(err)
	}
	return uki.Parts{
		Passports:   passports,
		CommandLine: blob.AppendCommandLine(nil, v.CommandLine(), sha256.Sum256(passports)),
		Initrd:      archiveOf(t, passports, map[string][]byte{"web": image}),
	}
}

func archiveOf(t *testing.T, passports []byte, images map[string][]byte) []byte {
	t.Helper()
	b, err := initrd.Build(initrd.Contents{Bay0: []byte("bay0"), Images: images, Passports: passports})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPolicyAgreesWithItsImage(t *testing.T) {
	if err := uki.VerifyPolicy(abi.AArch64, agreeing(t)); err != nil {
		t.Error(err)
	}
}

func TestPolicyOfAnotherImageIsRefused(t *testing.T) {
	p := agreeing(t)
	for name, c := range map[string]struct {
		arch  abi.Arch
		spoil func(*uki.Parts)
		want  string
	}{
		"another machine": {
			abi.X8664, func(*uki.Parts) {},
			"cannot accept a policy for aarch64 in an image for x86_64",
		},
		"a parameter more": {
			abi.AArch64, func(p *uki.Parts) { p.CommandLine = append([]byte("nokaslr "), p.CommandLine...) },
			fmt.Sprintf("cannot accept the command line %q: the policy wants %q", "nokaslr "+string(p.CommandLine), p.CommandLine),
		},
		"an image of other bytes": {
			abi.AArch64, func(p *uki.Parts) { p.Initrd = archiveOf(t, p.Passports, map[string][]byte{"web": []byte("evil")}) },
			fmt.Sprintf("cannot accept the initrd: the image of room web has digest %x, the policy wants %x", sha256.Sum256([]byte("evil")), sha256.Sum256([]byte("hsqs"))),
		},
		"no image": {
			abi.AArch64, func(p *uki.Parts) { p.Initrd = archiveOf(t, p.Passports, map[string][]byte{"other": []byte("hsqs")}) },
			"cannot accept the initrd: it has no image of room web",
		},
		"an image more": {
			abi.AArch64, func(p *uki.Parts) {
				p.Initrd = archiveOf(t, p.Passports, map[string][]byte{"web": []byte("hsqs"), "zoo": []byte("hsqs")})
			},
			"cannot accept the initrd: /images/zoo.squashfs is the image of no room",
		},
		"no policy": {
			abi.AArch64, func(p *uki.Parts) { p.Passports = []byte("text") },
			"cannot decode policy blob: byte 0x4: the blob ends inside its header of 120 bytes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := agreeing(t)
			c.spoil(&p)
			err := uki.VerifyPolicy(c.arch, p)
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
