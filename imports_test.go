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

	"github.com/anchor-os/anchor/release/gate/bay0"
)

const module = "github.com/anchor-os/anchor/"

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
	"release/gate":  {"release/gate", "release/lazyregexp", "compiler/diag", "compiler/hardening", "policy"}, // gates judge the build's inputs
	"cmd/passportc": {"compiler", "release", "policy", "kernel"},
	"cmd/bay0":      {"cmd/bay0", "policy/abi", "policy/blob"},
	"program":       {"program"},
	"rooms":         {"rooms", "program"},
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

// The law of modules, who may import each and what for, is docs/DEPENDENCIES.md.
// Whatever is not named there may not be imported outside tests at all.
func TestImportLaw(t *testing.T) {
	modules := bay0.ReadModules(bay0.ModulesFile, readFile(t, bay0.ModulesFile))
	all := list(t, "-deps", "./...")
	seen := 0
	for _, p := range all {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		seen++
		for _, imported := range p.Imports {
			if fault := judge(modules, strings.TrimPrefix(p.ImportPath, module), all[imported]); fault != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, fault)
			}
		}
	}
	if seen < 15 {
		t.Fatalf("only %d packages of the module were seen", seen)
	}
}

func judge(modules []bay0.Module, importer string, imported listed) string {
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
	case !slices.ContainsFunc(modules, func(m bay0.Module) bool { return m.Path == imported.Module.Path && m.MayImport(importer) }):
		return bay0.ModulesFile + " does not allow it here"
	}
	return ""
}
