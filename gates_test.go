package anchor

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/release/gate/bay0"
)

// reached is how many lines Bay0 has: more than its law allows, which `make gates`
// says. Until it keeps the law it may only become smaller.
const reached = 3047

// TestBay0KeepsItsLaw holds this checkout's PID 1 to cmd/bay0/law.hcl, but for the
// one limit that it does not keep yet.
func TestBay0KeepsItsLaw(t *testing.T) {
	out, _ := exec.Command("go", "run", "./cmd/passportc", "gate", "bay0", "--format", "json").Output()
	var found struct {
		Diagnostics []struct{ Code, Summary string }
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := regexp.MustCompile(`^cmd/bay0 has ([0-9]+) lines of code, and may have 3000$`)
	for _, d := range found.Diagnostics {
		m := lines.FindStringSubmatch(d.Summary)
		if m == nil {
			t.Errorf("%s: %s", d.Code, d.Summary)
			continue
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n > reached {
			t.Errorf("Bay0 has %s lines of code, and had %d", m[1], reached)
		}
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
