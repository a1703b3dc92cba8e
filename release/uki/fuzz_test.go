package uki_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/pe/petest"
	"github.com/anchor-os/anchor/release/uki"
)

// FuzzRead proves that nothing panics, that a refusal names its clause, and that
// what passes both judges has its passports where they must be.
func FuzzRead(f *testing.F) {
	b := image(parts(f))
	f.Add(b)
	f.Add(petest.Sign(b, petest.Certificate("PKCS#7")))
	f.Add(petest.Stub(pe.AMD64))
	f.Fuzz(func(t *testing.T, b []byte) {
		img, err := uki.Read(b)
		if (img == nil) == (err == nil) {
			t.Fatalf("got image %v and error %v", img, err)
		}
		if err == nil {
			err = uki.Verify(img)
		}
		var broken *uki.LawError
		if err != nil {
			if !errors.As(err, &broken) || broken.Clause == "" || broken.Offset > int64(len(b)) {
				t.Fatalf("refused without a clause or a place: %v", err)
			}
			return
		}
		digest := sha256.Sum256(img.Passports)
		if !strings.Contains(string(img.CommandLine), hex.EncodeToString(digest[:])) {
			t.Error("accepted without the digest on the command line")
		}
		if !bytes.Contains(img.Initrd, img.Passports) {
			t.Error("accepted without the passports in the initrd")
		}
	})
}

// FuzzCommandLine reads accepted lines with a model of the kernel's own reader.
func FuzzCommandLine(f *testing.F) {
	f.Add("quiet " + inits)
	f.Add(`dm-mod.create="root,,,ro, 0 8 verity" ` + inits)
	f.Add(`"init=/bin/sh" a="b c"d rdinit="/bin/bay0" =x ` + inits + " -- init=/bin/sh")
	f.Add(`--mod. 8 ve="root,,,ro, createrity" ` + inits)
	p := parts(f)
	f.Fuzz(func(t *testing.T, own string) {
		p.CommandLine = commandLine(own)
		if _, err := uki.Assemble(p); err != nil {
			return
		}
		got := map[string][]string{}
		rest := string(p.CommandLine)
		for rest != "" && rest != "--" && !strings.HasPrefix(rest, "-- ") {
			var name, value string
			name, value, rest = nextArgument(rest)
			got[name] = append(got[name], value)
		}
		if rest != "--" {
			t.Errorf("the kernel stops before %q", rest)
		}
		for _, name := range []string{"rdinit", "init"} {
			if d := cmp.Diff([]string{"/bin/bay0"}, got[name]); d != "" {
				t.Errorf("%s:\n%s", name, d)
			}
		}
	})
}

// nextArgument reads one parameter as the kernel's next_arg does: a quote may
// also stand before the name, and one at either end of a value is dropped.
func nextArgument(line string) (name, value, rest string) {
	opened := strings.HasPrefix(line, `"`)
	line = strings.TrimPrefix(line, `"`)
	inQuotes, end := opened, 0
	for ; end < len(line) && (line[end] != ' ' || inQuotes); end++ {
		if line[end] == '"' {
			inQuotes = !inQuotes
		}
	}
	word := line[:end]
	rest = strings.TrimLeft(line[end:], " ")
	if opened {
		word = strings.TrimSuffix(word, `"`)
	}
	equals := strings.IndexByte(word, '=')
	if equals < 1 {
		return word, "", rest
	}
	name, value = word[:equals], word[equals+1:]
	if strings.HasPrefix(value, `"`) {
		value = strings.TrimSuffix(value[1:], `"`)
	}
	return name, value, rest
}

// FuzzKernelRelease proves that nothing panics and that a release can be one.
func FuzzKernelRelease(f *testing.F) {
	f.Add(petest.Kernel(pe.ARM64, release))
	f.Add(petest.Kernel(pe.AMD64, release))
	f.Fuzz(func(t *testing.T, linux []byte) {
		got, err := uki.KernelRelease(linux)
		if (got == "") == (err == nil) {
			t.Fatalf("got %q and error %v", got, err)
		}
		if len(got) > 64 || strings.ContainsAny(got, " \n\x00") {
			t.Errorf("got %q", got)
		}
	})
}
