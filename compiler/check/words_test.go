package check

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/seccomp"
)

// TestWordsAreWhatCUEReads gives CUE the whole schema: it finds nothing wrong, and
// the same in the lists.
func TestWordsAreWhatCUEReads(t *testing.T) {
	instance := build.NewContext().NewInstance("", nil)
	for name, text := range schemaFiles(t) {
		file, err := parser.ParseFile(name, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := instance.AddSyntax(file); err != nil {
			t.Fatal(err)
		}
	}
	whole := cuecontext.New().BuildInstance(instance)
	if err := whole.Validate(); err != nil {
		t.Fatal(err)
	}
	var want words
	for path, into := range map[string]any{
		"allowedParameters": &want.allowed, "refusedParameters": &want.refused,
		"grantableCapabilities": &want.grantable, "refusedCapabilities": &want.withheld,
		"socketFamilies": &want.families,
	} {
		if err := whole.LookupPath(cue.ParsePath(path)).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	got := theLanguage().words
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(words{}), cmpopts.IgnoreUnexported(parameter{})); diff != "" {
		t.Errorf("(-as CUE reads them +as they were read)\n%s", diff)
	}
	if len(got.allowed) < 20 || len(got.refused) < 40 || len(got.grantable) != 1 || len(got.withheld) != 40 {
		t.Errorf("read %d, %d, %d and %d", len(got.allowed), len(got.refused), len(got.grantable), len(got.withheld))
	}
	if modes := theLanguage().room.root.at([]string{"network", "mode"}).asks().words; !slices.Equal(slices.Sorted(maps.Keys(got.families)), sorted(slices.Clone(modes))) {
		t.Errorf("families for %q", got.families)
	}
	for _, family := range slices.Concat(slices.Collect(maps.Values(got.families))...) {
		if !seccomp.FamilyKnown(family) {
			t.Errorf("there is no family %s: %s", family, diag.DidYouMean(family, seccomp.Families()))
		}
	}
	for name, p := range got.allowed {
		if _, err := p.form(); err != nil || p.Form != "" && (p.allows("\x00", true) || p.allows("", false)) {
			t.Errorf("%s can be anything, or nothing: %v", name, err)
		}
	}
}

func TestBrokenWords(t *testing.T) {
	for _, tt := range []struct{ name, give, want string }{
		{"a number", "refusedParameters: a: 1", "refusedParameters: a: *ast.BasicLit is no plain text"},
		{"a family that is no text", "socketFamilies: none: [1]", "socketFamilies: none: *ast.BasicLit is no plain text"},
		{"a reference", "refusedParameters: a: b", "refusedParameters: a: *ast.Ident is no plain text"},
		{"a text with one in it", `refusedCapabilities: A: "\(b)"`, "refusedCapabilities: A: *ast.Interpolation is no plain text"},
		{"no table", "grantableCapabilities: []", "grantableCapabilities: *ast.ListLit is no table"},
		{"a rule", "refusedParameters: { if true {a: \"x\"} }", "refusedParameters: *ast.Comprehension is no entry"},
		{"twice", "refusedParameters: { a: \"x\", a: \"x\" }", "refusedParameters: a: is given twice"},
		{"a parameter twice", "allowedParameters: { a: {flag: true, reason: \"x\"}, a: {flag: true, reason: \"x\"} }", "allowedParameters: a: is given twice"},
		{"an unknown key", "allowedParameters: a: { flags: true }", "allowedParameters: a: flags: is no key of a parameter"},
		{"a flag that is a text", "allowedParameters: a: { flag: \"true\" }", "allowedParameters: a: flag: *ast.BasicLit is no truth"},
		{"values that are no list", "allowedParameters: a: { values: \"true\" }", "allowedParameters: a: values: *ast.BasicLit is no list"},
		{"a value that is no text", "allowedParameters: a: { values: [1] }", "allowedParameters: a: values: *ast.BasicLit is no plain text"},
		{"two ways", "allowedParameters: a: { flag: true, values: [\"1\"], reason: \"x\" }", "allowedParameters: a: a parameter has a reason, and a flag, values, or a form with how it is written"},
		{"no reason", "allowedParameters: a: { flag: true }", "allowedParameters: a: a parameter has a reason, and a flag, values, or a form with how it is written"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file, err := parser.ParseFile("x.cue", tt.give)
			if err != nil {
				t.Fatal(err)
			}
			_, err = takeWords([]*ast.File{file})
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
