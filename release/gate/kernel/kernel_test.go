package kernel

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
)

var update = flag.Bool("update", false, "rewrite the expected messages in testdata")

// aDay is when the waivers of testdata hold.
var aDay = time.Date(2027, 1, 15, 12, 0, 0, 0, time.UTC)

func render(t testing.TB, l diag.List) string {
	t.Helper()
	var b strings.Builder
	if err := l.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// archive is a test of testdata: files by name, of which want is the outcome.
type archive struct {
	name  string
	whole *txtar.Archive
	files map[string][]byte
}

func archives(t *testing.T, pattern string, atLeast int, test func(*testing.T, archive) string) {
	names, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(names) < atLeast {
		t.Fatalf("%d archives %s, error %v", len(names), pattern, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			whole, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			a := archive{name, whole, map[string][]byte{}}
			for _, f := range whole.Files {
				a.files[f.Name] = f.Data
			}
			a.compare(t, test(t, a))
		})
	}
}

func (a archive) compare(t *testing.T, got string) {
	t.Helper()
	last := &a.whole.Files[len(a.whole.Files)-1]
	if last.Name != "want" {
		t.Fatal("the last file is not want")
	}
	if *update {
		last.Data = []byte(got)
		if err := os.WriteFile(a.name, txtar.Format(a.whole), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(last.Data), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// running gives the files below running/ as a machine's root.
func (a archive) running() fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range a.files {
		if path, ok := strings.CutPrefix(name, "running/"); ok {
			root[path] = &fstest.MapFile{Data: text}
		}
	}
	return root
}

func readRules(t testing.TB, text []byte) hardening.Rules {
	t.Helper()
	rules, faults := hardening.Read("rules.hcl", text)
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	return rules
}

func readConfig(t testing.TB, name string, text []byte) *Config {
	t.Helper()
	c, faults := ReadConfig(name, text)
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	return c
}

// TestJudge reads archives judge-*: what there is to judge, the rules, and all that
// is said.
func TestJudge(t *testing.T) {
	archives(t, "judge-*.txtar", 20, func(t *testing.T, a archive) string {
		var s Subject
		if text, ok := a.files["config"]; ok {
			s.Config = readConfig(t, "config", text)
			s.Arch, s.Version = s.Config.Arch, s.Config.Version
		}
		if text, ok := a.files["cmdline"]; ok {
			var faults diag.List
			if s.CommandLine, faults = ReadCommandLine("cmdline", text); len(faults) > 0 {
				t.Fatal(render(t, faults))
			}
		}
		if root := a.running(); len(root) > 0 {
			s.Running = root
		}
		rules := readRules(t, a.files["rules.hcl"])
		report := Judge(rules, s, aDay)
		if text, ok := a.files["Kconfig"]; ok {
			known, err := ReadSource(fstest.MapFS{"Kconfig": {Data: text}, "arch/arm64/Kconfig": {Data: a.files["arch/arm64/Kconfig"]}})
			if err != nil {
				t.Fatal(err)
			}
			report.Faults = append(report.Faults, known.Unknown(rules, s.Config)...)
		}
		said := render(t, report.Faults) + report.Summary() + "\n"
		if err := report.Vacuous(); err != nil {
			said += err.Error() + "\n"
		}
		return said
	})
}

// TestConfigDefects reads archives config-*: configurations that are refused.
func TestConfigDefects(t *testing.T) {
	archives(t, "config-*.txtar", 10, func(t *testing.T, a archive) string {
		text := a.files["config"]
		if _, cut := a.files["cut"]; cut {
			text = text[:len(text)-1]
		}
		_, faults := ReadConfig("config", text)
		if !faults.HasErrors() {
			t.Fatal("the configuration was accepted")
		}
		return render(t, faults)
	})
}

// TestCommandLineDefects: what no kernel reads as it stands there.
func TestCommandLineDefects(t *testing.T) {
	for name, test := range map[string]struct{ line, want string }{
		"not ASCII": {"a\xffb", `Error: byte 0xff is not printable ASCII [P0106]

  on cmdline:1:2:
   1: a�b
       ^

The EFI stub and the kernel do not agree on what to make of it.

`},
		`"--" in quotes`:        {`"--" nokaslr`, "Error: there are quotes around something else than a value without blanks [P0650]\n\n  on cmdline:1:1:\n   1: \"--\" nokaslr\n      ^^^^\n\nThe kernel takes quotes off in one place and not in another: to some of its\nreaders \"--\" ends the parameters, and each word between quotes is a parameter.\n\n"},
		`a word in quotes`:      {`a "b=c"`, "Error: there are quotes around something else than a value without blanks [P0650]\n\n  on cmdline:1:3:\n   1: a \"b=c\"\n        ^^^^^\n\nThe kernel takes quotes off in one place and not in another: to some of its\nreaders \"--\" ends the parameters, and each word between quotes is a parameter.\n\n"},
		`an open quote`:         {`a="b`, "Error: there are quotes around something else than a value without blanks [P0650]\n\n  on cmdline:1:1:\n   1: a=\"b\n      ^^^^\n\nThe kernel takes quotes off in one place and not in another: to some of its\nreaders \"--\" ends the parameters, and each word between quotes is a parameter.\n\n"},
		`quotes within a value`: {`a=b"c"`, "Error: there are quotes around something else than a value without blanks [P0650]\n\n  on cmdline:1:1:\n   1: a=b\"c\"\n      ^^^^^^\n\nThe kernel takes quotes off in one place and not in another: to some of its\nreaders \"--\" ends the parameters, and each word between quotes is a parameter.\n\n"},
		`a quote within quotes`: {`a="b"c"`, "Error: there are quotes around something else than a value without blanks [P0650]\n\n  on cmdline:1:1:\n   1: a=\"b\"c\"\n      ^^^^^^^\n\nThe kernel takes quotes off in one place and not in another: to some of its\nreaders \"--\" ends the parameters, and each word between quotes is a parameter.\n\n"},
		"two lines":             {"a\nb", "Error: byte 0x0a is not printable ASCII [P0106]\n\n  on cmdline:1:2:\n   1: a\n       ^\n\nThe EFI stub and the kernel do not agree on what to make of it.\n\n"},
		"with a NUL":            {"a\x00", "Error: byte 0x00 is not printable ASCII [P0106]\n\n  on cmdline:1:2:\n   1: a�\n       ^\n\nThe EFI stub and the kernel do not agree on what to make of it.\n\n"},
		"too long by one":       {strings.Repeat("a", MaxCommandLine+1), "Error: the command line has more than 2047 bytes [P0413]\n\n  on cmdline:1:2048:\n   1: …" + strings.Repeat("a", 41) + "\n" + strings.Repeat(" ", 47) + "^\n\nThe kernel drops the rest.\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := ReadCommandLine("cmdline", []byte(test.line))
			if diff := cmp.Diff(test.want, render(t, faults)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestCommandLineHides: lines that hide a parameter from one of the kernel's readers
// are refused, each word of them.
func TestCommandLineHides(t *testing.T) {
	for line, want := range map[string][]string{
		`x="a nokaslr rodata=off b"`:                    {`x="a`, `b"`},
		`"-- nokaslr"`:                                  {`"--`, `nokaslr"`},
		"sysctl.kernel..kptr_restrict=0":                {"sysctl.kernel..kptr_restrict=0"},
		"sysctl./kernel//kptr_restrict=0 a":             {"sysctl./kernel//kptr_restrict=0"},
		"sysctl.kernel.kptr_restrict/=0":                {"sysctl.kernel.kptr_restrict/=0"},
		"sysctl.=0":                                     {"sysctl.=0"},
		"x=" + strings.Repeat("x", 253) + "nokaslr":     {"x=" + strings.Repeat("x", 253) + "nokaslr"},
		"x=" + strings.Repeat("x", 253) + " sysctl.a=1": nil,
	} {
		_, faults := ReadCommandLine("cmdline", []byte(line))
		var got []string
		for _, f := range faults {
			if got = append(got, f.Subject.Text()); f.Code != diag.CommandLineSyntax {
				t.Errorf("%s: %s", line, render(t, faults))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", line, diff)
		}
	}
}

// TestCommandLineWords has the kernel's own reading (lib/cmdline.c, next_arg).
func TestCommandLineWords(t *testing.T) {
	type parsed struct {
		Name, Value string
		Given       bool
	}
	for line, want := range map[string][]parsed{
		"":                         nil,
		"\n":                       nil,
		"a":                        {{"a", "", false}},
		"a=":                       {{"a", "", true}},
		"a=b=c":                    {{"a", "b=c", true}},
		"  a  b ":                  {{"a", "", false}, {"b", "", false}},
		"a-b.c-d=e-f":              {{"a_b.c_d", "e-f", true}},
		"sysctl/a-b/c.d_e=1":       {{"sysctl.a-b.c.d_e", "1", true}},
		`a="b" c=""`:               {{"a", "b", true}, {"c", "", true}},
		"a -- b":                   {{"a", "", false}},
		"a --b":                    {{"a", "", false}, {"__b", "", false}},
		"ip=1::2:3:h:eth0:off x\n": {{"ip", "1::2:3:h:eth0:off", true}, {"x", "", false}},
	} {
		c, faults := ReadCommandLine("cmdline", []byte(line))
		var got []parsed
		for _, w := range c.words {
			got = append(got, parsed{w.name, w.value, w.given})
		}
		if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
			t.Errorf("%q, faults %v (-want +got)\n%s", line, faults, diff)
		}
	}
}

// TestCompare reads archives diff-*: two configurations, the rules and what lies
// between.
func TestCompare(t *testing.T) {
	archives(t, "diff-*.txtar", 3, func(t *testing.T, a archive) string {
		d := Compare(readRules(t, a.files["rules.hcl"]), readConfig(t, "old", a.files["old"]), readConfig(t, "new", a.files["new"]), aDay)
		var b strings.Builder
		if err := d.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		b.WriteString(d.Summary() + "\n")
		if _, ok := a.files["json"]; ok {
			if err := d.WriteJSON(&b); err != nil {
				t.Fatal(err)
			}
		}
		return b.String() + render(t, d.Faults)
	})
}

func TestConfigTooLarge(t *testing.T) {
	_, faults := ReadConfig("config", []byte(strings.Repeat("# \n", MaxConfig/3+1)))
	want := "Error: the file has more than 4194304 bytes [P0103]\n\n  on config\n\nA kernel's configuration has some 300,000.\n\n"
	if diff := cmp.Diff(want, render(t, faults)); diff != "" {
		t.Error(diff)
	}
}

// A file that is no configuration at all ends after a hundred faults.
func TestConfigOfRubbish(t *testing.T) {
	_, faults := ReadConfig("config", []byte(strings.Repeat("rubbish\n", 10_000)))
	if len(faults) != maxFaults {
		t.Errorf("%d faults", len(faults))
	}
}

func TestReadSource(t *testing.T) {
	known, err := ReadSource(fstest.MapFS{
		"Kconfig":            {Data: []byte("mainmenu \"Linux\"\nconfig A\n\tbool\n")},
		"net/Kconfig.debug":  {Data: []byte("menuconfig B\n  config C # of old\n")},
		"net/README":         {Data: []byte("config D\n")},
		"arch/x86/Kconfig":   {Data: []byte("configure E\nconfig F G\n\thelp\n\t  config of this and that\n")},
		"arch/arm64/Kconfig": {Data: nil},
		"mm/Kconfig":         {Data: []byte("config H\n\tbool\n\thelp\n\t  It needs\n\n\t  config FAKE\n          config FAKE\n\t    config FAKE\n\tconfig I\n\t---help---\n config FAKE\nconfig J\n\thelp\nconfig K\n")},
	})
	if diff := cmp.Diff(Known{"CONFIG_A": true, "CONFIG_B": true, "CONFIG_C": true,
		"CONFIG_H": true, "CONFIG_I": true, "CONFIG_J": true, "CONFIG_K": true}, known); diff != "" || err != nil {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
	if _, err := ReadSource(fstest.MapFS{"README": {}}); err == nil || err.Error() != "it is no kernel source: it has no file Kconfig" {
		t.Errorf("a folder without Kconfig: error %v", err)
	}
}

func FuzzReadConfig(f *testing.F) {
	f.Add([]byte("# Linux/arm64 6.12.107 Kernel Configuration\nCONFIG_ARM64=y\n# CONFIG_A is not set\nCONFIG_B=\"a\\\"b\"\nCONFIG_C=-1\n# end of Kernel hacking\n"))
	f.Add([]byte("CONFIG_A=y\r\n"))
	f.Add([]byte("CONFIG_A=y\nCONFIG_A=n"))
	rules := readRules(f, []byte("option \"CONFIG_A\" {\n  value = \"y\"\n  reason = \"r\"\n  source = \"s\"\n  class = \"network\"\n}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, faults := ReadConfig("config", text)
		render(t, faults)
		if !faults.HasErrors() {
			render(t, Judge(rules, Subject{Arch: c.Arch, Version: c.Version, Config: c}, aDay).Faults)
		}
	})
}

func FuzzReadCommandLine(f *testing.F) {
	f.Add([]byte("console=ttyAMA0 a=\"b c\" -- x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, faults := ReadCommandLine("cmdline", text)
		render(t, faults)
		for _, w := range c.words {
			if w.place.Text() == "" || strings.Contains(w.name, "-") && !strings.HasPrefix(w.name, "sysctl.") {
				t.Errorf("word %q at %q", w.name, w.place.Text())
			}
		}
	})
}
