package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	shipped "github.com/anchor-os/anchor/kernel"
	"github.com/anchor-os/anchor/policy/abi"
)

const shippedConfig = "../../../kernel/config-hardened"

func shippedRules(t testing.TB) hardening.Rules {
	t.Helper()
	rules, faults := hardening.Read(shipped.HardeningName, shipped.Hardening)
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	return rules
}

func shippedText(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(shippedConfig)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// shippedDay is one on which every waiver holds: the last day of the first to end.
func shippedDay(rules hardening.Rules) time.Time {
	day := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, w := range rules.Waivers {
		if w.Expires.Before(day) {
			day = w.Expires
		}
	}
	return day
}

// shippedLine is the command line that the shipped kernel gets, as far as a release
// does not add to it.
func shippedLine(t *testing.T) string {
	t.Helper()
	p, faults, err := compiler.Compile(os.DirFS("../../../rooms"), "rooms", compiler.Target{Arch: abi.AArch64})
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v %s", err, render(t, faults))
	}
	return p.CommandLine + " bay0.passports=sha256:" + strings.Repeat("0", 64)
}

// The shipped command line with one word more is refused: the word undoes what the kernel
// was built with, or is another name of one that does, or hides one.
func TestShippedCommandLineWithOneMore(t *testing.T) {
	rules := shippedRules(t)
	config := readConfig(t, shippedConfig, shippedText(t))
	shipped := shippedLine(t)
	faulty := func(line string) bool {
		c, faults := ReadCommandLine("cmdline", []byte(line))
		s := Subject{Arch: config.Arch, Version: config.Version, Config: config, CommandLine: c}
		return faults.HasErrors() || Judge(rules, s, shippedDay(rules)).Faults.HasErrors()
	}
	for _, word := range []string{
		"nokaslr", "no-kaslr nokaslr", "arm64_sw.nokaslr=1", "arm64-sw.nokaslr=1", `x="a nokaslr b"`, `"nokaslr"`,
		"rodata=off", "arm64_sw.rodataoff=1", "id_aa64pfr1.bt=0", "id_aa64pfr1.mte=0", "id_aa64isar1.apa=0", "id_aa64isar2.apa3=0",
		"sysctl.kernel.kptr_restrict=0", "sysctl/kernel/kptr_restrict=0", "sysctl.kernel..kptr_restrict=0",
		"sysctl./kernel//kptr_restrict=0", "sysctl.kernel.warn_limit=0100",
		"kasan=off", "kasan.mode=async", "kasan.vmalloc=off", "kasan.page_alloc.sample=10", "hardened_usercopy=off",
		"stack_guard_gap=0", "softdog.nowayout=0", "i6300esb.nowayout=0", "sysrq_always_enabled1", "norandmapsx",
	} {
		if !faulty(shipped+" "+word) || !faulty(word+" "+shipped) {
			t.Errorf("%s is accepted", word)
		}
	}
	if without := strings.Replace(shipped, "sysctl.kernel.kptr_restrict=", "sysctl.kernel.kptr-restrict=", 1); !faulty(without) {
		t.Error("a sysctl with a dash stands for one without")
	}
	for _, word := range []string{"", "--", "-- nokaslr", "x=nokaslr", `init_on_alloc="1"`, "kasan=on", "hardened_usercopy=on"} {
		if faulty(shipped + " " + word) {
			t.Errorf("%s is refused", word)
		}
	}
	if !faulty(`"--" ` + shipped) {
		t.Error("everything stands behind -- and is fulfilled")
	}
}

// The kernel that is shipped passes its gate: configuration and command line.
func TestShippedKernel(t *testing.T) {
	rules := shippedRules(t)
	config := readConfig(t, shippedConfig, shippedText(t))
	line, faults := ReadCommandLine("the shipped command line", []byte(shippedLine(t)+" --"))
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	report := Judge(rules, Subject{Arch: config.Arch, Version: config.Version, Config: config, CommandLine: line}, shippedDay(rules))
	if len(report.Faults) > 0 {
		t.Error(render(t, report.Faults))
	}
	t.Log(report.Summary())
}

// Every option of the shipped configuration, and every one that a rule for its
// version names, is one of the kernel's.
func TestShippedOptionsExist(t *testing.T) {
	tree, err := exec.Command("../../../kernel/configure", "tree").Output()
	if err != nil {
		t.Fatalf("cannot unpack the kernel's Kconfig files: %v", err)
	}
	known, err := ReadSource(os.DirFS(strings.TrimSpace(string(tree))))
	if err != nil || len(known) < 15_000 {
		t.Fatalf("%d options, error %v", len(known), err)
	}
	if faults := known.Unknown(shippedRules(t), readConfig(t, shippedConfig, shippedText(t))); len(faults) > 0 {
		t.Error(render(t, faults))
	}
}

// A rule for an option that the shipped configuration answers says so: only then does
// the gate notice that a new kernel has it under another name.
func TestStrictRulesAreVisible(t *testing.T) {
	rules := shippedRules(t)
	config := readConfig(t, shippedConfig, shippedText(t))
	for _, o := range rules.Options {
		if _, there := config.entries[o.Name]; there && o.Want.Form == hardening.Off {
			t.Errorf("%s is in the configuration: its rule can say value = \"n\"", o.Name)
		}
	}
}

// Wherever the shipped configuration is cut off between two lines, it is refused as one
// that was cut; in its head, as one that does not say which kernel it is for.
func TestShippedConfigCutOff(t *testing.T) {
	text := shippedText(t)
	head := header.FindAllSubmatchIndex(text, 1)[0][1]
	cuts := 0
	for at := len(text) - 1; at > 0; at = bytes.LastIndexByte(text[:at], '\n') {
		var faults diag.List
		(&Config{Source: diag.NewSource("config", text[:at+1])}).ended(&faults)
		whole := len(faults) == 0
		if cuts++; whole != (at == len(text)-1 || at < head) {
			t.Errorf("cut off at byte %d of %d: whole is %v", at+1, len(text), whole)
		}
		if cuts > 20 && cuts%100 > 0 && at > head {
			continue // it takes long
		}
		want := map[bool]diag.Code{true: diag.ConfigTruncated, false: diag.ConfigUnnamed}[at >= head]
		if _, faults := ReadConfig("config", text[:at+1]); cuts > 1 && (len(faults) != 1 || faults[0].Code != want) || cuts == 1 && len(faults) > 0 {
			t.Errorf("cut off at byte %d of %d: %s", at+1, len(text), render(t, faults))
		}
	}
	if t.Logf("cut off at %d lines", cuts); cuts < 2000 {
		t.Error("too few")
	}
}

// What the rules say of sysctls and files is what Bay0 reads, all of it.
func TestShippedRulesAreInThePolicy(t *testing.T) {
	p, faults, err := compiler.Compile(os.DirFS("../../../rooms"), "rooms", compiler.Target{Arch: abi.AArch64})
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v %s", err, render(t, faults))
	}
	rules := shippedRules(t)
	want := rules.Invariants(abi.AArch64)
	if n := len(rules.Sysctls) + len(rules.Files); len(want) != n {
		t.Errorf("%d invariants of %d rules", len(want), n)
	}
	if diff := cmp.Diff(want, p.Invariants); diff != "" {
		t.Errorf("(-rules +policy)\n%s", diff)
	}
}

// Each waiver says what fails without it. One that breaks no rule of the shipped kernel
// is there for a false alarm of kernel-hardening-checker, and says so.
func TestShippedWaivers(t *testing.T) {
	rules := shippedRules(t)
	config := readConfig(t, shippedConfig, shippedText(t))
	applies := func(name string) bool {
		return slices.ContainsFunc(rules.All(), func(r hardening.Rule) bool {
			return r.Name == name && r.Only.Holds(config.Arch, config.Version)
		})
	}
	for _, w := range rules.Waivers {
		want := `^without it kernel-hardening-checker fails, and nothing else: a false alarm, for this kernel breaks no rule\. `
		if applies(w.Name) {
			want = `^without it (the build|Bay0's gate) fails: `
		}
		if !regexp.MustCompile(want).MatchString(w.Reason) {
			t.Errorf("the waiver of %s does not say what fails without it: %s, want %s", w.Name, w.Reason, want)
		}
	}
}

// The gate as a whole, but for starting the program.
func BenchmarkGate(b *testing.B) {
	text := shippedText(b)
	for b.Loop() {
		rules, _ := hardening.Read(shipped.HardeningName, shipped.Hardening)
		c, _ := ReadConfig(shippedConfig, text)
		if r := Judge(rules, Subject{Arch: c.Arch, Version: c.Version, Config: c}, shippedDay(rules)); len(r.Judgements) == 0 {
			b.Fatal("nothing was judged")
		}
	}
}
