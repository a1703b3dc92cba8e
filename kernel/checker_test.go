package kernel_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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

// without names the option without which a kernel has no such setting, so that the checker finds none.
var without = map[string]string{
	"kernel.perf_event_paranoid":                "CONFIG_PERF_EVENTS",
	"user.max_user_namespaces":                  "CONFIG_USER_NS",
	"net.ipv6.conf.all.accept_ra":               "CONFIG_IPV6",
	"net.ipv6.conf.all.accept_redirects":        "CONFIG_IPV6",
	"net.ipv6.conf.all.accept_source_route":     "CONFIG_IPV6",
	"net.ipv6.conf.default.accept_ra":           "CONFIG_IPV6",
	"net.ipv6.conf.default.accept_redirects":    "CONFIG_IPV6",
	"net.ipv6.conf.default.accept_source_route": "CONFIG_IPV6",
}

// check gives the names that the checker faults, sorted, but for settings of what the kernel does not have.
func check(t *testing.T, rules hardening.Rules) []string {
	t.Helper()
	config := string(read(t, "config-hardened"))
	var failed []string
	for _, row := range runChecker(t, rules) {
		if row.OK {
			continue
		}
		if option := without[row.Name]; option != "" && strings.Contains(config, "\n# "+option+" is not set\n") {
			continue
		}
		failed = append(failed, row.Name)
	}
	slices.Sort(failed)
	return slices.Compact(failed)
}

type row struct {
	Name string `json:"option_name"`
	OK   bool   `json:"check_result_bool"`
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

// sysctls is what `sysctl -a` would print of the settings that Bay0 holds the kernel to.
func sysctls(rules hardening.Rules) string {
	var b strings.Builder
	for _, s := range rules.Sysctls {
		value := strconv.FormatInt(s.Want.Min, 10)
		if len(s.Want.Values) > 0 {
			value = s.Want.Values[0]
		}
		fmt.Fprintf(&b, "%s = %s\n", s.Name, value)
	}
	return b.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
