package anchor

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/release/gate/bay0"
)

// TestBay0KeepsItsLaw holds this checkout's PID 1 to cmd/bay0/law.hcl: its lines, its
// uses of unsafe, and all that it reaches.
func TestBay0KeepsItsLaw(t *testing.T) {
	if out, err := exec.Command("go", "run", "./cmd/passportc", "gate", "bay0").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// licences are words of each licence that no other one of them has.
var licences = map[string]*regexp.Regexp{
	"Apache-2.0":   regexp.MustCompile(`Apache License\s+Version 2\.0`),
	"BSD-3-Clause": regexp.MustCompile(`Redistribution and use in source and binary forms[\s\S]+Neither the name`),
	"MIT":          regexp.MustCompile(`Permission is hereby granted, free of charge`),
	"MPL-2.0":      regexp.MustCompile(`Mozilla Public License,? [Vv]ersion 2\.0`),
}

// TestLicences: each module has the licence that docs/DEPENDENCIES.md gives it. One that
// stands in for a module that cannot be had comes without its own text.
func TestLicences(t *testing.T) {
	for _, m := range bay0.ReadModules(bay0.ModulesFile, readFile(t, bay0.ModulesFile)) {
		form := licences[m.Licence]
		if form == nil {
			t.Errorf("%s has the licence %q, which is not among those that are known", m.Path, m.Licence)
			continue
		}
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{with .Replace}}replaced{{end}}", m.Path).Output()
		if err != nil {
			t.Fatal(err)
		}
		dir, replaced, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		var text []byte
		for _, name := range []string{"LICENSE", "LICENSE.txt", "COPYING"} {
			if text, err = os.ReadFile(filepath.Join(dir, name)); err == nil {
				break
			}
		}
		if !form.Match(text) && (len(text) > 0 || replaced == "") {
			t.Errorf("the text of the licence of %s is not that of %s", m.Path, m.Licence)
		}
	}
}
