package bay0

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a checkout with a program of two packages.
var small = map[string]string{
	"go.mod":           "module example.org/machine\n\ngo 1.26\n",
	"cmd/bay0/main.go": "package main\n\nimport \"example.org/machine/policy\"\n\nfunc main() { policy.Do() }\n",
	"policy/policy.go": "package policy\n\nfunc Do() {}\n",
}

// replaced is one with a package of another module, in whose place are other sources.
var replaced = map[string]string{
	"go.mod":            "module example.org/machine\n\ngo 1.26\n\nrequire example.org/sys v1.0.0\n\nreplace example.org/sys => ./third/sys\n",
	"policy/policy.go":  "package policy\n\nimport \"example.org/sys\"\n\nfunc Do() { sys.Do() }\n",
	"third/sys/go.mod":  "module example.org/sys\n\ngo 1.26\n",
	"third/sys/main.go": "package sys\n\nfunc Do() {}\n",
}

// decoy has a workspace with a second main module, whose folder has the name of one of the first.
var decoy = map[string]string{
	"go.work":               "go 1.26\n\nuse (\n\t.\n\t./evil\n)\n",
	"cmd/bay0/main.go":      "package main\n\nimport \"evil.example/policy\"\n\nfunc main() { policy.Do() }\n",
	"evil/go.mod":           "module evil.example\n\ngo 1.26\n",
	"evil/policy/policy.go": "package policy\n\nfunc Do() {}\n",
}

// checkout writes files over those of the small one.
func checkout(t *testing.T, changed map[string]string) string {
	t.Helper()
	root := t.TempDir()
	files := maps.Clone(small)
	maps.Copy(files, changed)
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func with(files map[string]string, name, text string) map[string]string {
	files = maps.Clone(files)
	files[name] = text
	return files
}

// What Go itself says of a checkout in which other sources stand in for what was reviewed.
func TestListRefusesStandIns(t *testing.T) {
	for _, test := range []struct {
		name    string
		changed map[string]string
		want    string
	}{
		{"none", nil, ""},
		{"a replaced module", replaced, "cannot judge cmd/bay0: go.mod replaces example.org/sys by ./third/sys"},
		{
			"a workspace that replaces a module",
			with(with(replaced, "go.mod", "module example.org/machine\n\ngo 1.26\n\nrequire example.org/sys v1.0.0\n"),
				"go.work", "go 1.26\n\nuse .\n\nreplace example.org/sys => ./third/sys\n"),
			"cannot list the packages of cmd/bay0: there is a go.work at the root, which puts other sources in the place of modules",
		},
		{
			"a vendor folder", map[string]string{
				"go.mod":                        "module example.org/machine\n\ngo 1.26\n\nrequire example.org/sys v1.0.0\n",
				"policy/policy.go":              replaced["policy/policy.go"],
				"vendor/modules.txt":            "# example.org/sys v1.0.0\n## explicit; go 1.26\nexample.org/sys\n",
				"vendor/example.org/sys/sys.go": "package sys\n\nfunc Do() {}\n",
			},
			"cannot list the packages of cmd/bay0: there is a vendor at the root, which puts other sources in the place of modules",
		},
		{"a workspace with a decoy", decoy, "cannot list the packages of cmd/bay0: there is a go.work at the root, which puts other sources in the place of modules"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if _, err := List(checkout(t, test.changed)); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A workspace and flags that the caller's environment names are not asked.
func TestListAsksNoWorkspaceOfTheEnvironment(t *testing.T) {
	root := checkout(t, with(decoy, "cmd/bay0/main.go", small["cmd/bay0/main.go"]))
	work := filepath.Join(t.TempDir(), "go.work")
	text := fmt.Sprintf("go 1.26\n\nuse (\n\t%s\n\t%s/evil\n)\n", root, root)
	if err := errors.Join(os.Remove(filepath.Join(root, "go.work")), os.WriteFile(work, []byte(text), 0o644),
		os.WriteFile(filepath.Join(root, "policy/evil.go"), []byte("//go:build evil\n\npackage policy\n\nimport _ \"evil.example/policy\"\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOWORK", work)
	t.Setenv("GOFLAGS", "-tags=evil")
	all, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if strings.HasPrefix(p.ImportPath, "evil") {
			t.Errorf("%s is listed", p.ImportPath)
		}
	}
}

// Were a workspace asked, a package of its other module, whose folder has the name of one of
// this, were found out.
func TestDecoyIsOfAnotherModule(t *testing.T) {
	root := checkout(t, decoy)
	c := exec.Command("go", "list", "-deps", "-json="+ListFields, "./"+Entry)
	c.Dir = root
	c.Env = append(os.Environ(), "GOWORK="+filepath.Join(root, "go.work"), "GOFLAGS=")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	all, err := ReadList(strings.NewReader(string(out)), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "evil.example/policy is of evil.example, a main module beside example.org/machine"
	if err := genuine(root, all); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Assembler and objects are found for whatever architecture they are, by their names or
// by a constraint, or for none.
func TestForeignFilesOfEveryArchitecture(t *testing.T) {
	files := map[string]string{"policy/tagged.s": "//go:build evil\n"}
	for _, arch := range []string{"amd64", "arm64", "riscv64"} {
		files["policy/evil_"+arch+".s"] = ""
		files["policy/object_"+arch+".syso"] = ""
	}
	law, faults := ReadLaw("law.hcl", []byte("lines = 9\nbytes = 9\nlicences = []\npart \"all\" {\n  folders = [\"cmd/bay0\", \"policy\"]\n  lines = 9\n}\n"))
	if faults.HasErrors() {
		t.Fatal(faults[0].Summary)
	}
	root := checkout(t, files)
	all, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Judge(Subject{Law: law, Packages: all, Files: os.DirFS(root)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Faults {
		got = append(got, f.Summary)
	}
	want := []string{
		"policy/evil_amd64.s is not written in Go",
		"policy/evil_arm64.s is not written in Go",
		"policy/evil_riscv64.s is not written in Go",
		"policy/object_amd64.syso is not written in Go",
		"policy/object_arm64.syso is not written in Go",
		"policy/object_riscv64.syso is not written in Go",
		"policy/tagged.s is not written in Go",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A package whose files are elsewhere is not the one that is read.
func TestFilesAreWhereTheNameSays(t *testing.T) {
	root := checkout(t, nil)
	all, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	want := "the files of example.org/machine/policy are in " + root
	for i := range all {
		if all[i].folder() == "policy" {
			all[i].Dir = root
		}
	}
	if err := genuine(root, all); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
