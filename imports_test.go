package anchor

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/anchor-os/anchor/"

// importers is the law of modules: who may import each, and what for. Whatever
// is not named here may not be imported outside tests at all.
var importers = map[string][]string{
	"cuelang.org/go":                  {"compiler/check"},                      // the schema's verdict
	"github.com/BurntSushi/toml":      {"compiler/source"},                     // every value of a passport
	"github.com/pelletier/go-toml/v2": {"compiler/source"},                     // places, limits, a second opinion
	"github.com/hashicorp/hcl/v2":     {"compiler/diag", "compiler/hardening"}, // the diagnostic writer; files of rules
	"github.com/agext/levenshtein":    {"compiler/diag"},                       // did you mean
	"golang.org/x/mod":                {"release/gate/lock"},                   // versions of modules
	"golang.org/x/net":                {"compiler/seccomp"},                    // assembling BPF
	"golang.org/x/text":               {"compiler/diag"},                       // the width of characters, for the caret
	"github.com/u-root/u-root":        {"release/initrd"},                      // newc archives
	"github.com/foxboron/go-uefi":     {"release/signing"},                     // Authenticode; pulls in net/http
	"github.com/spf13/cobra":          {"cmd/passportc"},                       // commands, help, completion
	"github.com/google/go-tpm":        {"rooms"},                               // the TPM of vault-access
	"github.com/rogpeppe/go-internal": {"cmd/passportc"},                       // fmt --diff
	"golang.org/x/sys":                {"cmd/bay0", "program", "rooms"},
}

// inward is the law of folders: what a folder may import of this module. An
// arrow that is not here is a design fault. The innermost folder named decides.
var inward = map[string][]string{
	"cue":           {},
	"policy":        {"policy"},
	"policy/abi":    {},
	"policy/blob":   {"policy"},
	"kernel":        {},
	"compiler":      {"compiler", "cue", "policy", "kernel"},
	"release":       {"release", "policy"},
	"release/gate":  {"release/gate", "compiler/diag", "compiler/hardening", "policy"}, // gates judge the build's inputs
	"cmd/passportc": {"compiler", "release", "policy", "kernel"},
	"cmd/bay0":      {"cmd/bay0", "policy/abi", "policy/blob"},
	"program":       {"program"},
	"rooms":         {"rooms", "program"},
}

// forbidden in Bay0 and in all that it imports, with the reason.
var forbidden = map[string]string{
	"net":             "PID 1 speaks AF_UNIX only, by system calls that can be read",
	"net/http":        "PID 1 serves nothing",
	"encoding/json":   "PID 1 has no parser",
	"encoding/gob":    "PID 1 has no parser",
	"text/template":   "PID 1 has no templates",
	"regexp":          "PID 1 has no patterns",
	"os/exec":         "PID 1 starts itself, by its path, and nothing that is looked up",
	"plugin":          "PID 1 loads nothing",
	"crypto/tls":      "PID 1 trusts what it was booted with",
	"go/parser":       "PID 1 has no parser",
	"os/user":         "PID 1 knows numbers, not names",
	"path/filepath":   "PID 1 walks no patterns",
	module + "cue":    "PID 1 does not depend on the compiler",
	"cuelang.org/go":  "PID 1 does not depend on the compiler",
	"debug/buildinfo": "PID 1 does not read programs",
}

type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Module     *struct {
		Path string
		Main bool
	}
}

// list runs go list for the machine that Bay0 is built for.
func list(t *testing.T, args ...string) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,Imports,Module"}, args...)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cannot list packages: %v", err)
	}
	packages := map[string]listed{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// beneath reports whether path is one of the roots or below one.
func beneath(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}

func TestImportLaw(t *testing.T) {
	all := list(t, "-deps", "./...")
	seen := 0
	for _, p := range all {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		seen++
		for _, imported := range p.Imports {
			if fault := judge(strings.TrimPrefix(p.ImportPath, module), all[imported]); fault != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, fault)
			}
		}
	}
	if seen < 15 {
		t.Fatalf("only %d packages of the module were seen", seen)
	}
}

func judge(importer string, imported listed) string {
	switch {
	case imported.Standard, imported.ImportPath == "unsafe", imported.ImportPath == "C":
		return ""
	case imported.Module.Main:
		law := ""
		for folder := range inward {
			if beneath(importer, []string{folder}) && len(folder) > len(law) {
				law = folder
			}
		}
		switch {
		case law == "":
			return "its folder is not in the law"
		case !beneath(strings.TrimPrefix(imported.ImportPath, module), inward[law]):
			return law + " may not depend on it"
		}
		return ""
	case !beneath(importer, importers[imported.Module.Path]):
		return "the law of modules does not allow it here"
	}
	return ""
}

func TestBay0ImportsNothingItShouldNot(t *testing.T) {
	for path, p := range list(t, "-deps", "./cmd/bay0") {
		if reason, ok := forbidden[path]; ok {
			t.Errorf("cmd/bay0 reaches %s: %s", path, reason)
		}
		if p.Module != nil && !p.Module.Main && p.Module.Path != "golang.org/x/sys" {
			t.Errorf("cmd/bay0 reaches module %s: only golang.org/x/sys is allowed", p.Module.Path)
		}
	}
}
