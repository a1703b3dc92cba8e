package check

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/seccomp"
	"github.com/anchor-os/anchor/compiler/source"
	schema "github.com/anchor-os/anchor/cue"
)

var theNames = seccomp.Names()

// TestRulesHaveCodes reads the schema's text, since a rule that is never broken
// is never evaluated.
func TestRulesHaveCodes(t *testing.T) {
	text, err := fs.ReadFile(schema.Files, "rules.cue")
	if err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile(`error\("((?:[^"\\]|\\.)*)"`).FindAllStringSubmatch(string(text), -1)
	if len(rules) == 0 || len(rules) != strings.Count(string(text), "error(")-strings.Count(string(text), "error()") {
		t.Errorf("%d rules found", len(rules))
	}
	for _, r := range rules {
		if _, _, ok := ruleCode(r[1]); !ok || !strings.Contains(r[1], `\n`) {
			t.Errorf("no code or no reason: %s", r[1])
		}
	}
}

// TestDefaultsAreValid gives every default to the schema as if it were written.
func TestDefaultsAreValid(t *testing.T) {
	n := 0
	l := theLanguage()
	for _, doc := range []*document{&l.room, &l.system} {
		var walk func(f *field, write func(value string) string)
		walk = func(f *field, write func(string) string) {
			for _, name := range f.order {
				walk(f.members[name], func(value string) string { return write("{ " + name + " = " + value + " }") })
			}
			if f.items != nil {
				walk(f.items, func(value string) string { return write("[" + value + "]") })
			}
			if f.fallback == "" {
				return
			}
			n++
			value := f.fallback
			if f.kind == source.String {
				value = fmt.Sprintf("%q", value)
			}
			text := write(value)
			file, faults := source.Parse("f.toml", []byte(text[2:len(text)-2])) // the outermost table has no braces
			if file == nil {
				t.Fatal(render(t, faults))
			}
			for _, d := range l.judge(doc, file) {
				if d.Code != diag.MissingKey {
					t.Errorf("the default in %s: %s", text, d.Summary)
				}
			}
		}
		walk(doc.root, func(value string) string { return value })
	}
	if n < 14 {
		t.Errorf("only %d defaults found", n)
	}
}

// TestEverythingIsExplained requires a comment on whatever an author can write.
func TestEverythingIsExplained(t *testing.T) {
	var walk func(f *field, path string)
	walk = func(f *field, path string) {
		if f == nil {
			return
		}
		if f.doc == "" || f.kind == 0 {
			t.Errorf("%s: kind %v, comment %q", path, f.kind, f.doc)
		}
		for _, name := range f.order {
			walk(f.members[name], path+"."+name)
		}
		walk(f.pattern, path+".*")
		walk(f.first, path+"[0]")
		walk(f.items, path+"[]")
	}
	walk(theLanguage().room.root, "passport")
	walk(theLanguage().system.root, "system")
}

func TestEveryListedParameterIsRefused(t *testing.T) {
	l := theLanguage()
	for name, reason := range l.refused {
		if strings.HasSuffix(name, ".") {
			name += "x"
		}
		spellings := []string{name, name + "=1", strings.ReplaceAll(name, "_", "-")}
		if name == "--" {
			spellings = spellings[:1]
		}
		for _, parameter := range spellings {
			got := parameterFaults(parameter)
			if want := "Not allowed: " + reason + "."; len(got) != 1 || got[0].Code != diag.RefusedParameter || got[0].Detail != want {
				t.Errorf("%s: got %+v, want %s", parameter, got, want)
			}
		}
	}
	for name := range l.allowed {
		if reason := l.reason(name); reason != "" {
			t.Errorf("%s is allowed, and refused since %s", name, reason)
		}
	}
}

func TestParameters(t *testing.T) {
	for _, tt := range []struct {
		name string
		give []string
		ok   bool
	}{
		{"consoles", []string{"console=ttyAMA0", "console=ttyS0,115200n8", "console=tty1", "console=hvc0"}, true},
		{"flags", []string{"quiet", "earlycon", "initcall_debug", "slab_nomerge"}, true},
		{"values", []string{"panic=-1", "loglevel=7", "mitigations=auto,nosmt", "ipv6.disable=1", "nr_cpus=4", "efi=disable_early_pci_dma"}, true},
		{"hyphens", []string{"init-on-alloc=1", "kfence.sample-interval=100"}, true},
		{"flags with a value", []string{"quiet=", "quiet=1", "earlycon=pl011,0x9000000"}, false},
		{"values missing", []string{"panic", "panic=", "console", "loglevel="}, false},
		{"other values", []string{"panic=0", "loglevel=8", "console=ttyAMA0,", "console=null", "mitigations=off", "nr_cpus=0", "efi=runtime"}, false},
		{"what nobody knows", []string{"=", "", "=1", "Quiet", "rdinit_=x", "sysctl.kernel.kptr_restrict=2", "lockdown=confidentiality", "ipv6.autoconf=0", "mem=64M"}, false},
	} {
		for _, parameter := range tt.give {
			if got := parameterFaults(parameter); (len(got) == 0) != tt.ok {
				t.Errorf("%s: %q: %d faults", tt.name, parameter, len(got))
			}
		}
	}
}

func parameterFaults(parameter string) (faults diag.List) {
	src := diag.NewSource("f.toml", []byte(parameter))
	theLanguage().parameter(&faults, &source.Value{Kind: source.String, Text: parameter, Range: src.Range(0, len(parameter))})
	return faults
}

// TestStructureIsHeldWithoutCUE judges by a schema that accepts anything: what it
// says of keys and types holds all the same.
func TestStructureIsHeldWithoutCUE(t *testing.T) {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	doc := document{name: "a passport", shape: l.ctx.CompileString("_"), root: l.room.root}
	file, faults := source.Parse("f.toml", []byte("passport = 1\nextra = 1\n[room]\nname = 1\n[resources]\n[network]\nmode = 'none'\n[system-calls]\nprofile = 'service'\nallow = [{ call = 'sync', x = 1 }]\n"))
	if file == nil {
		t.Fatal(render(t, faults))
	}
	var got []string
	for _, d := range l.judge(&doc, file).Sorted() {
		got = append(got, d.Summary)
	}
	want := []string{
		`unknown key "extra"`,
		`missing key "description" in [room]`,
		`missing key "exec" in [room]`,
		`missing key "user" in [room]`,
		`room.name must be a string, not an integer`,
		`missing key "pids" in [resources]`,
		`missing table [resources.memory]`,
		`missing key "reason" in system-calls.allow[0]`,
		`unknown key "x"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBrokenSchemas(t *testing.T) {
	whole := "#Room: {}\n#RoomRules: {}\n#System: {}\n#SystemRules: {}\nprofiles: {}\ndeviceClasses: {}\nallowedParameters: {}\nrefusedParameters: {}\n"
	tests := []struct{ name, give, want string }{
		{"too little to resolve", whole, "policy.version is no part of the schema"},
		{"not CUE", "#Room: {", "expected '}', found 'EOF'"},
		{"no room", strings.Replace(whole, "#Room:", "#Rom:", 1), "#Room or #RoomRules is missing"},
		{"unknown attribute", strings.Replace(whole, "#Room: {}", "#Room: {a?: string @siez(max=1)}", 1), "a?: unknown attribute @siez"},
		{"bound without unit", strings.Replace(whole, "#Room: {}", `#Room: {a?: string @size(max="1")}`, 1), `a?: @size has max="1"`},
		{"rules without a group", strings.Replace(whole, "#RoomRules: {}", "#RoomRules: {...}", 1), "#RoomRules: *ast.Ellipsis is no group of rules"},
		{"rules on what is not there", strings.Replace(whole, "#RoomRules: {}", "#RoomRules: {a: {b?: error(\"P0301 x\")}}", 1), "#RoomRules: a: the shape has no b"},
		{"profile of numbers", strings.Replace(whole, "profiles: {}", "profiles: {a: 1}", 1), "profiles: profiles.a: cannot use value 1 (type int) as string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := compile(fstest.MapFS{"x.cue": {Data: []byte("package schema\n" + tt.give)}})
			if err == nil {
				err = l.canResolve()
			}
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestUnits(t *testing.T) {
	tests := []struct {
		unit unit
		text string
		want uint64
		ok   bool
	}{
		{bytesUnit, "4KiB", 4096, true},
		{bytesUnit, "1TiB", 1 << 40, true},
		{bytesUnit, "16777216TiB", math.MaxUint64, true},
		{bytesUnit, "99999999999999999999KiB", math.MaxUint64, true},
		{bytesUnit, "4", 0, false},
		{bytesUnit, "KiB", 0, false},
		{bytesUnit, "-4KiB", 0, false},
		{bytesUnit, "4 KiB", 0, false},
		{bytesUnit, "", 0, false},
		{durationUnit, "100ms", 100_000_000, true},
		{durationUnit, "10min", 600_000_000_000, true},
		{durationUnit, "1m", 0, false},
		{percentUnit, "50%", 50, true},
	}
	for _, tt := range tests {
		got, ok := tt.unit.parse(tt.text)
		if got != tt.want || ok != tt.ok {
			t.Errorf("parse(%q) = %d, %t, want %d, %t", tt.text, got, ok, tt.want, tt.ok)
		}
	}
	for n, want := range map[uint64]string{0: "0KiB", 4096: "4KiB", 1 << 20: "1MiB", 3 << 29: "1536MiB", 1<<20 + 1024: "1025KiB"} {
		if got := bytesUnit.format(n); got != want {
			t.Errorf("format(%d) = %s, want %s", n, got, want)
		}
	}
}
