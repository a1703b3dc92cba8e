package uki_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/uki"
)

const inits = "rdinit=/bin/bay0 init=/bin/bay0"

func TestCommandLineAccepted(t *testing.T) {
	fill := func(n int) string { return string(commandLine(inits + " " + strings.Repeat("x", n))) }
	for name, line := range map[string]string{
		"least":                string(commandLine(inits)),
		"parameters before":    string(commandLine("console=ttyAMA0 quiet " + inits)),
		"parameters after":     string(commandLine(inits + " panic=-1")),
		"2,047 bytes":          fill(2047 - len(fill(0))),
		"quoted value":         string(commandLine(`dm-mod.create="root,,,ro, 0 8 verity" ` + inits)),
		"like a parameter":     string(commandLine(inits + " noinit=/bin/sh")),
		"like one, in a value": string(commandLine(inits + ` a="b init=/bin/sh"`)),
	} {
		p := parts(t)
		p.CommandLine = []byte(line)
		if _, err := uki.Assemble(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCommandLineRefused(t *testing.T) {
	right := string(commandLine(inits))
	own := func(s string) string { return string(commandLine(s)) }
	_, parameter, _ := strings.Cut(strings.TrimSuffix(right, " --"), inits+" ")
	other := parameter[:len(parameter)-1] + "g"

	for _, c := range []struct {
		name, line, want string
	}{
		{"2,048 bytes", own(inits + " " + strings.Repeat("x", 2047-len(right))),
			`length at offset 0x7ff: 2048 bytes, the kernel takes 2047`},
		{"tab", own("quiet\t" + inits), `characters at offset 0x5: "\t", want printable ASCII`},
		{"newline at the end", right + "\n", `characters at offset 0x79: "\n", want printable ASCII`},
		{"zero at the end", right + "\x00", `characters at offset 0x79: "\x00", want printable ASCII`},
		{"not ASCII", own("größe " + inits), `characters at offset 0x2: "\xc3", want printable ASCII`},
		{"blank at the start", " " + right, `blanks at offset 0x0: a blank at the start`},
		{"blank at the end", right + " ", `ending at offset 0x7a: the line does not end in " --"`},
		{"two blanks", own("quiet  " + inits), `blanks at offset 0x5: two blanks, want one`},
		{"no ending", strings.TrimSuffix(right, " --"), `ending at offset 0x76: the line does not end in " --"`},
		{"ending that is part of a word", strings.TrimSuffix(right, " --") + "--", `ending at offset 0x78: the line does not end in " --"`},
		{"ending early", own("-- " + inits), `-- at offset 0x7a: -- a second time`},
		{"ending in quotes", `a="` + right, `quotes at offset 0x2: a quote in a="` + right + `, want the form name="value"`},

		{"quote in a name", own(`"init=/bin/sh" ` + inits), `quotes at offset 0x0: a quote in "init=/bin/sh", want the form name="value"`},
		{"quote inside a value", own(inits + ` a=b"c"`), `quotes at offset 0x23: a quote in a=b"c", want the form name="value"`},
		{"text behind a quoted value", own(inits + ` a="b"c`), `quotes at offset 0x22: a quote in a="b"c, want the form name="value"`},
		{"quote behind a second sign", own(inits + ` a=b="c"`), `quotes at offset 0x24: a quote in a=b="c", want the form name="value"`},
		{"quoted value without a name", own(inits + ` ="c"`), `quotes at offset 0x21: a quote in ="c", want the form name="value"`},

		{"no rdinit", own("init=/bin/bay0"), `rdinit at offset 0x68: the line has no rdinit=/bin/bay0`},
		{"other rdinit", own("rdinit=/bin/sh init=/bin/bay0"), `rdinit at offset 0x0: rdinit=/bin/sh, want rdinit=/bin/bay0`},
		{"rdinit without a value", own("rdinit init=/bin/bay0"), `rdinit at offset 0x0: rdinit, want rdinit=/bin/bay0`},
		{"two of rdinit", own(inits + " rdinit=/bin/bay0"), `rdinit at offset 0x20: rdinit=/bin/bay0 a second time`},
		{"rdinit in quotes", own(`a="rdinit=/bin/bay0" init=/bin/bay0`), `rdinit at offset 0x7d: the line has no rdinit=/bin/bay0`},
		{"no init", own("rdinit=/bin/bay0"), `init at offset 0x6a: the line has no init=/bin/bay0`},
		{"other init", own(inits + " init=/bin/sh"), `init at offset 0x20: init=/bin/sh, want init=/bin/bay0`},
		{"two of init", own(inits + " init=/bin/bay0"), `init at offset 0x20: init=/bin/bay0 a second time`},

		{"no digest", inits + " --", `bay0.passports at offset 0x22: the line has no ` + parameter},
		{"digest of other bytes", inits + " " + other + " --", `bay0.passports at offset 0x20: ` + other + `, want ` + parameter},
		{"digest in capitals", inits + " " + strings.ToUpper(parameter) + " --", `bay0.passports at offset 0x79: the line has no ` + parameter},
		{"digest cut off", inits + " " + parameter[:40] + " --", `bay0.passports at offset 0x20: ` + parameter[:40] + `, want ` + parameter},
		{"digest twice", own(inits + " " + parameter), `bay0.passports at offset 0x77: ` + parameter + ` a second time`},
		{"two digests", own(inits + " " + other), `bay0.passports at offset 0x20: ` + other + `, want ` + parameter},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parts(t)
			p.CommandLine = []byte(c.line)
			_, err := uki.Assemble(p)
			var broken *uki.LawError
			if !errors.As(err, &broken) {
				t.Fatalf("got %v, want a broken clause", err)
			}
			if d := cmp.Diff("section .cmdline: "+c.want, err.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}
