package hardening

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/kernel"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

var update = flag.Bool("update", false, "rewrite the expected messages in testdata")

func render(t testing.TB, l diag.List) string {
	t.Helper()
	var b strings.Builder
	if err := l.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func shipped(t testing.TB) Rules {
	t.Helper()
	rules, faults := Read(kernel.HardeningName, kernel.Hardening)
	if len(faults) > 0 {
		t.Fatalf("the shipped rules are refused:\n%s", render(t, faults))
	}
	return rules
}

// TestDefects reads archives that are named after their defect: the rules that
// have it, and want, all that is said about it.
func TestDefects(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) < 30 {
		t.Fatalf("%d archives, error %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil || len(a.Files) != 2 || a.Files[0].Name != "rules.hcl" || a.Files[1].Name != "want" {
				t.Fatalf("want the files rules.hcl and want, error %v", err)
			}
			_, faults := Read("rules.hcl", a.Files[0].Data)
			if !faults.HasErrors() {
				t.Fatal("the rules were accepted")
			}
			got := render(t, faults)
			if *update {
				a.Files[1].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFileTooLarge(t *testing.T) {
	_, faults := Read("rules.hcl", []byte(strings.Repeat("#", MaxSize+1)))
	want := "Error: the file has more than 524288 bytes [P0103]\n\n  on rules.hcl\n\nAll rules that there are have room in a quarter of that.\n\n"
	if diff := cmp.Diff(want, render(t, faults)); diff != "" {
		t.Error(diff)
	}
}

const everything = `
option "CONFIG_A" {
  value         = "y"
  reason        = "because"
  source        = "KSPP"
  class         = "self-protection"
  architectures = ["aarch64", "x86_64"]
  since         = "6.1"
  before        = "6.12.5"
}
option "CONFIG_A" "CONFIG_E" {
  off    = true
  reason = "it is gone"
  source = "KSPP"
  class  = "self-protection"
  since  = "6.12.5"
}
any "one of two" {
  reason = "because"
  source = "KSPP"
  class  = "network"
  option "CONFIG_B" {
    range = [-1, 100]
  }
  all {
    option "CONFIG_C" {
      values = ["a", "b"]
    }
    option "CONFIG_D" {
      absent = true
    }
  }
}
parameter "panic" {
  value    = -1
  optional = true
  reason   = "because"
  source   = "KSPP"
  class    = "function"
}
parameter "ip" {
  form   = "^[0-9]+$"
  reason = "because"
  source = "KSPP"
  class  = "network"
}
parameter "quiet" {
  flag   = true
  reason = "because"
  source = "KSPP"
  class  = "network"
}
sysctl "net.ipv4.tcp_fastopen" {
  value  = 0
  set    = true
  reason = "because"
  source = "KSPP"
  class  = "network"
}
sysctl "kernel.kptr_restrict" {
  range         = [1, 2]
  architectures = ["aarch64"]
  reason        = "because"
  source        = "KSPP"
  class         = "network"
}
file "/proc/modules" {
  absent = true
  reason = "because"
  source = "KSPP"
  class  = "network"
}
file "/sys/kernel/security/lsm" {
  value  = "lockdown,landlock"
  reason = "because"
  source = "KSPP"
  class  = "network"
}
waiver "one of two" {
  reason  = "it cannot be"
  owner   = "kernel maintainers"
  expires = "2027-01-31"
  checker = ["CONFIG_C"]
}
`

// What is no file of rules has a fault in each of its blocks, attributes or labels:
// reading ends after a hundred. The files are large, so that work that grows with the
// square of them would be felt.
func TestFaultsAreCapped(t *testing.T) {
	const common = "reason = \"r\"\n source = \"s\"\n class = \"network\"\n"
	many := func(before, each, after string, n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(each, "#", strconv.Itoa(i)))
		}
		return before + b.String() + after
	}
	for name, text := range map[string]string{
		"unknown blocks":         many("", "a# {}\n", "", 50_000),
		"empty rules":            many("", "option {}\n", "", 40_000),
		"attributes outside":     many("", "a# = 1\n", "", 40_000),
		"unknown attributes":     many("option \"CONFIG_A\" {\n value = 1\n"+common, "a# = 1\n", "}\n", 40_000),
		"attributes given twice": many("option \"CONFIG_A\" {\n", "a = 1\n", "}\n", 40_000),
		"labels without prefix":  many("option", " \"A#\"", " {\n value = 1\n"+common+"}\n", 40_000),
		"rules given twice":      many("option", " \"CONFIG_A\"", " {\n value = 1\n"+common+"}\n", 40_000),
		"waivers without rules":  many("", "waiver \"A#\" {\n reason = \"r\"\n owner = \"o\"\n expires = \"2027-01-01\"\n}\n", "", 5_000),
		"unknown inner blocks":   many("any \"g\" {\n"+common, "a# {}\n", "}\n", 40_000),
		"empty members":          many("any \"g\" {\n"+common, "option {}\n", "}\n", 40_000),
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := Read("rules.hcl", []byte(text))
			if len(text) > MaxSize || len(faults) != maxFaults {
				t.Errorf("%d faults in %d bytes, want %d", len(faults), len(text), maxFaults)
			}
			if said := len(render(t, faults)); said > 100_000 {
				t.Errorf("%d bytes are said", said)
			}
		})
	}
}

func TestEverythingThatRulesCanSay(t *testing.T) {
	rules, faults := Read("rules.hcl", []byte(everything))
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	ignore := cmpopts.IgnoreTypes(diag.Range{})
	rule := func(name string, class Class) Rule {
		return Rule{Name: name, Reason: "because", Source: "KSPP", Class: class}
	}
	number := func(low, high int64) Want { return Want{Form: Number, Min: low, Max: high} }
	first, second := rule("CONFIG_A", SelfProtection), rule("CONFIG_A", SelfProtection)
	first.Only = Condition{Arches: []abi.Arch{abi.AArch64, abi.X8664}, Since: Version{6, 1}, Before: Version{6, 12, 5}}
	second.Reason, second.Only = "it is gone", Condition{Since: Version{6, 12, 5}}
	restricted := rule("kernel.kptr_restrict", Network)
	restricted.Only.Arches = []abi.Arch{abi.AArch64}
	third := second
	third.Name = "CONFIG_E"
	want := Rules{
		Options: []Option{{first, Want{Form: OneOf, Values: []string{"y"}}}, {second, Want{Form: Off}}, {third, Want{Form: Off}}},
		Groups: []Group{{rule("one of two", Network), Node{
			Options: []Option{{Rule{Name: "CONFIG_B"}, number(-1, 100)}},
			Nodes: []Node{{All: true, Options: []Option{
				{Rule{Name: "CONFIG_C"}, Want{Form: OneOf, Values: []string{"a", "b"}}},
				{Rule{Name: "CONFIG_D"}, Want{Form: Absent}},
			}}},
		}}},
		Parameters: []Parameter{
			{rule("panic", Function), number(-1, -1), true},
			{rule("ip", Network), Want{Form: Matches}, false},
			{rule("quiet", Network), Want{Form: Flag}, false},
		},
		Sysctls: []Sysctl{
			{rule("net.ipv4.tcp_fastopen", Network), number(0, 0), true},
			{restricted, number(1, 2), false},
		},
		Files: []File{
			{rule("/proc/modules", Network), Want{Form: Absent}},
			{rule("/sys/kernel/security/lsm", Network), Want{Form: OneOf, Values: []string{"lockdown,landlock"}}},
		},
		Waivers: []Waiver{{Name: "one of two", Reason: "it cannot be", Owner: "kernel maintainers", Checker: []string{"CONFIG_C"},
			Expires: rules.Waivers[0].Expires}},
	}
	if diff := cmp.Diff(want, rules, ignore, cmpopts.IgnoreFields(Want{}, "Pattern")); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if got := rules.Waivers[0].Expires.String(); got != "2027-01-31 00:00:00 +0000 UTC" {
		t.Errorf("the waiver expires at %s", got)
	}
	if w := rules.Parameters[1].Want; !w.Allows("12") || w.Allows("x") {
		t.Error("the form does not judge as it is written")
	}
	var members []string
	rules.Groups[0].Each(func(o Option) { members = append(members, o.Name) })
	if diff := cmp.Diff([]string{"CONFIG_B", "CONFIG_C", "CONFIG_D"}, members); diff != "" {
		t.Error(diff)
	}
}

func TestInvariantsAndCommandLine(t *testing.T) {
	rules, _ := Read("rules.hcl", []byte(everything))
	want := map[abi.Arch][]policy.Invariant{
		abi.AArch64: {
			{Path: "/proc/modules", Kind: abi.InvariantAbsent},
			{Path: "/proc/sys/kernel/kptr_restrict", Kind: abi.InvariantRange, Min: 1, Max: 2},
			{Path: "/proc/sys/net/ipv4/tcp_fastopen", Kind: abi.InvariantRange},
			{Path: "/sys/kernel/security/lsm", Kind: abi.InvariantText, Text: "lockdown,landlock"},
		},
		abi.X8664: {
			{Path: "/proc/modules", Kind: abi.InvariantAbsent},
			{Path: "/proc/sys/net/ipv4/tcp_fastopen", Kind: abi.InvariantRange},
			{Path: "/sys/kernel/security/lsm", Kind: abi.InvariantText, Text: "lockdown,landlock"},
		},
	}
	for arch, invariants := range want {
		if diff := cmp.Diff(invariants, rules.Invariants(arch)); diff != "" {
			t.Errorf("invariants of %s (-want +got):\n%s", arch, diff)
		}
	}
	if diff := cmp.Diff([]string{"sysctl.net.ipv4.tcp_fastopen=0"}, rules.CommandLine(abi.AArch64)); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

// What the blob's limits allow, so that no rule is found too large only when a
// policy is compiled.
func TestShippedRulesFitTheBlob(t *testing.T) {
	rules := shipped(t)
	for _, arch := range abi.Arches {
		if n := len(rules.Invariants(arch)); n > policy.MaxInvariants {
			t.Errorf("%d invariants for %s, the blob takes %d", n, arch, policy.MaxInvariants)
		}
	}
	if n := len(rules.Waivers); n > 12 {
		t.Errorf("%d waivers, want at most 12", n)
	}
}

// Whatever bytes there are: rules or faults, and faults are inside the file.
func FuzzRead(f *testing.F) {
	f.Add([]byte(everything))
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		rules, faults := Read("rules.hcl", text)
		render(t, faults)
		if !faults.HasErrors() {
			for _, i := range rules.Invariants(abi.AArch64) {
				if !policy.ValidInvariantPath(i.Path) {
					t.Errorf("invariant of %q", i.Path)
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	b.SetBytes(int64(len(kernel.Hardening)))
	for b.Loop() {
		if _, faults := Read(kernel.HardeningName, kernel.Hardening); len(faults) > 0 {
			b.Fatal(render(b, faults))
		}
	}
}
