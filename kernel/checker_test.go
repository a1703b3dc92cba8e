package kernel_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/compiler/hardening"
	"github.com/anchor-os/anchor/kernel"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/google/go-cmp/cmp"
)

// kernel-hardening-checker (github.com/a13xp0p0v/kernel-hardening-checker) is the second opinion on the
// configuration, the command line and the settings of the running kernel: what it faults is what the waivers
// name, no more and no less.
func TestChecker(t *testing.T) {
	rules, faults := hardening.Read(kernel.HardeningName, kernel.Hardening)
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	failed := check(t, rules)
	var waived []string
	for _, w := range rules.Waivers {
		if len(w.Checker) == 0 {
			waived = append(waived, w.Name)
		}
		waived = append(waived, w.Checker...)
	}
	slices.Sort(waived)
	if diff := cmp.Diff(slices.Compact(waived), failed); diff != "" {
		t.Errorf("-waived +failed:\n%s", diff)
	}
	if n := len(rules.Waivers); n > 12 {
		t.Errorf("%d waivers are more than 12", n)
	}
}

// check gives the names that the checker faults, sorted, but for settings that a rule wants absent: it asks for
// a value of them and finds none, as Bay0 does in each period of its watchdog.
func check(t *testing.T, rules hardening.Rules) []string {
	t.Helper()
	absent := map[string]bool{}
	for _, s := range rules.Sysctls {
		absent[s.Name] = s.Want.Form == hardening.Absent
	}
	var failed []string
	for _, row := range runChecker(t, rules) {
		if row.OK || absent[row.Name] && row.Result == "FAIL: is not found" {
			continue
		}
		failed = append(failed, row.Name)
	}
	slices.Sort(failed)
	return slices.Compact(failed)
}

type row struct {
	Name   string `json:"option_name"`
	Result string `json:"check_result"`
	OK     bool   `json:"check_result_bool"`
}

func runChecker(t *testing.T, rules hardening.Rules) []row {
	t.Helper()
	tree, err := exec.Command("../.ci/deb", "sid", "kernel-hardening-checker").Output()
	if err != nil {
		t.Fatalf("cannot get kernel-hardening-checker: %v", err)
	}
	p, faults, err := compiler.Compile(os.DirFS("../rooms"), "rooms", compiler.Target{Arch: abi.AArch64})
	if err != nil || faults.HasErrors() {
		t.Fatal(err, faults)
	}
	dir := t.TempDir()
	line, settings := filepath.Join(dir, "cmdline"), filepath.Join(dir, "sysctl")
	write(t, line, p.CommandLine+"\n")
	write(t, settings, sysctls(rules))
	checker := exec.Command("/usr/bin/python3", "-c", "from kernel_hardening_checker import main; main()",
		"-m", "json", "-c", "config-hardened", "-l", line, "-s", settings)
	checker.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1",
		"PYTHONPATH="+filepath.Join(strings.TrimSpace(string(tree)), "usr/lib/python3/dist-packages"))
	checker.Stderr = os.Stderr
	out, err := checker.Output()
	if err != nil {
		t.Fatalf("cannot run kernel-hardening-checker: %v\n%s", err, out)
	}
	var rows []row
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 250 {
		t.Fatalf("kernel-hardening-checker has looked at %d things only", len(rows))
	}
	return rows
}

// sysctls is what `sysctl -a` prints of the settings that Bay0 holds the kernel to: a machine on which one is
// other, or on which there is one that must be absent, does not run. The checker's other settings are not in it,
// and would be faulted.
func sysctls(rules hardening.Rules) string {
	var b strings.Builder
	for _, s := range rules.Sysctls {
		switch s.Want.Form {
		case hardening.OneOf:
			fmt.Fprintf(&b, "%s = %s\n", s.Name, s.Want.Values[0])
		case hardening.Number:
			fmt.Fprintf(&b, "%s = %d\n", s.Name, s.Want.Min)
		}
	}
	return b.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
