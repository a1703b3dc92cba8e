package gate

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/gate/nixconf"
)

// goodConf is the shortest nix.conf that is accepted: what Nix's defaults are not.
const goodConf = `# A machine that builds.
sandbox-fallback = false
allow-import-from-derivation = false   # and so on
substituters =
trusted-public-keys =
`

// nix226 is what Nix 2.26.3 of Debian 13 says of the settings that are judged, each at
// its default but for the features that flakes need.
func nix226(t testing.TB) map[string]map[string]any {
	t.Helper()
	text, err := os.ReadFile("testdata/nix-2.26.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func judgeConf(t testing.TB, text string, a nixconf.Allowed) string {
	t.Helper()
	s, faults := nixconf.Read("nix.conf", []byte(text))
	if !faults.HasErrors() {
		faults = append(faults, s.Judge(a)...)
	}
	return render(t, faults)
}

func TestNixConfAccepted(t *testing.T) {
	own := nixconf.Allowed{Caches: []string{"https://cache.example.org"}, Keys: []string{"cache.example.org-1:AAAA"}}
	for name, text := range map[string]string{
		"short":           goodConf,
		"without its end": strings.TrimSuffix(goodConf, "\n"),
		"CR LF":           strings.ReplaceAll(goodConf, "\n", "\r\n"),
		"the last holds":  "sandbox = false\nextra-trusted-users = me\n" + goodConf + "sandbox = true\ntrusted-users = root\n",
		"another yes":     goodConf + "require-sigs = yes\nfilter-syscalls = 1\n",
		"the project's":   goodConf + "substituters = https://cache.example.org/\ntrusted-public-keys = cache.example.org-1:AAAA\n",
		"no paths":        goodConf + "extra-sandbox-paths = /etc\nsandbox-paths =\n",
		"a shell that Nix was built with": `{"sandbox-paths": {"value": ["/bin/sh=/usr/bin/bash-static"]}, "sandbox-fallback": {"value": false},
			"allow-import-from-derivation": {"value": false}, "substituters": {"value": []}, "trusted-public-keys": {"value": []}}`,
		"a shell of the store": `{"sandbox-paths": {"value": ["/bin/sh=/nix/store/abc-busybox/bin/busybox"]}, "sandbox-fallback": {"value": false},
			"allow-import-from-derivation": {"value": false}, "substituters": {"value": []}, "trusted-public-keys": {"value": []}}`,
		"features":         goodConf + "experimental-features = nix-command flakes\n",
		"unknown settings": goodConf + "extra-sandbox = false\nwarn-dirty = false\n",
	} {
		if got := judgeConf(t, text, own); got != "" {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestNixConfDefects(t *testing.T) {
	got := map[string]string{}
	defect := func(name, text string) {
		if got[name] = judgeConf(t, text, nixconf.Allowed{Caches: []string{"https://cache.example.org?trusted=1"}}); got[name] == "" {
			t.Errorf("%s: accepted", name)
		}
	}
	change := func(name, line string) { defect(name, goodConf+line+"\n") }

	defect("all defaults", "")
	change("sandbox off", "sandbox = false")
	change("sandbox relaxed", "sandbox = relaxed")
	change("sandbox by its old name", "build-use-sandbox = false")
	change("sandbox twice", "sandbox = true false")
	change("sandbox of nothing", "sandbox =")
	change("fallback", "sandbox-fallback = true")
	change("paths", "sandbox-paths = /bin/sh=/usr/bin/bash-static /usr?")
	change("more paths", "extra-sandbox-paths = /etc/ssl")
	change("a shell that is a program of the machine", "extra-sandbox-paths = /bin/sh=/usr/bin/python3")
	change("a shell of the store", "sandbox-paths = /bin/sh=/nix/store/abc-busybox/bin/busybox")
	change("system calls", "filter-syscalls = false")
	change("privileges", "allow-new-privileges = true")
	change("variables", "impure-env = https_proxy=http://proxy")
	change("more variables", "extra-impure-env = A=b")
	change("features", "extra-experimental-features = flakes impure-derivations")
	change("hook before", "pre-build-hook = /etc/nix/hook")
	change("hook behind", "post-build-hook = /etc/nix/upload")
	change("plugins", "plugin-files = /usr/lib/plugin.so")
	change("native code", "allow-unsafe-native-code-during-evaluation = true")
	change("import from derivation", "allow-import-from-derivation = true")
	change("foreign cache", "substituters = https://cache.nixos.org/")
	change("more caches", "extra-substituters = https://cache.example.com")
	change("cache without signatures", "substituters = https://cache.example.org?trusted=1")
	change("caches to choose from", "trusted-substituters = https://cache.example.com")
	change("foreign key", "trusted-public-keys = cache.example.com-1:AAAA")
	change("no signatures", "require-sigs = false")
	change("private key", "secret-key-files = /etc/nix/key")
	change("a flake's settings", "accept-flake-config = true")
	change("trusted user", "trusted-users = root @wheel")
	change("dirty locks", "allow-dirty-locks = true")
	change("more than the default", "extra-trusted-public-keys = x:AAAA")
	defect("default and more", "extra-substituters = https://cache.example.com\n")
	change("another file", "include /etc/nix/more.conf")
	change("another file if it is there", "!include more.conf")
	change("no blanks", "sandbox=true")
	change("no value", "sandbox")
	defect("too large", strings.Repeat("#", nixconf.MaxSize+1))

	shown := func(name, setting string, value any) {
		all := nix226(t)
		if all[setting]["value"] = value; value == nil {
			delete(all[setting], "value")
		}
		for _, quiet := range []string{"sandbox-fallback", "allow-import-from-derivation"} {
			if quiet != setting {
				all[quiet]["value"] = false
			}
		}
		for _, quiet := range []string{"substituters", "trusted-public-keys"} {
			if quiet != setting {
				all[quiet]["value"] = []string{}
			}
		}
		text, err := json.MarshalIndent(all, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		defect(name, string(text))
	}
	shown("shown: sandbox relaxed", "sandbox", "relaxed")
	shown("shown: fallback", "sandbox-fallback", true)
	shown("shown: trusted user", "trusted-users", []string{"root", "me"})
	shown("shown: variables", "impure-env", map[string]string{"A": "b"})
	shown("shown: paths", "sandbox-paths", []string{"/bin/sh=/usr/bin/bash-static", "/usr?"})
	shown("shown: a shell that is a program of the machine", "sandbox-paths", []string{"/bin/sh=/usr/bin/python3"})
	shown("shown: a shell beside the store", "sandbox-paths", []string{"/bin/sh=/nix/store/../../root/sh"})
	shown("shown: a shell of somebody's", "sandbox-paths", []string{"/bin/sh=/home/me/sh"})
	shown("shown: hook", "post-build-hook", "/etc/nix/upload")
	shown("shown: no value", "sandbox", nil)
	shown("shown: a number", "sandbox", 1)
	shown("shown: a list of numbers", "trusted-users", []int{1})
	defect("shown: cut off", `{"sandbox": {"value": true}`)
	golden(t, "nixconf-defects.txtar", got)
}

// A file of many lines ends after a hundred faults, and its lists are read once.
func TestNixConfLarge(t *testing.T) {
	if _, faults := nixconf.Read("nix.conf", []byte(strings.Repeat("sandbox\n", 20000))); len(faults) != 100 {
		t.Errorf("%d faults, want 100", len(faults))
	}
	s, faults := nixconf.Read("nix.conf", []byte(goodConf+strings.Repeat("extra-trusted-users = root a\n", 20000)))
	if faults = append(faults, s.Judge(nixconf.Allowed{})...); len(faults) != 1 {
		t.Errorf("%d faults, want 1", len(faults))
	}
}

// The rules' defaults are those of a real Nix: a nix.conf that says nothing is judged as
// what that Nix shows.
func TestNixConfDefaults(t *testing.T) {
	conf, faults := nixconf.Read("nix.conf", nil)
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	text, err := os.ReadFile("testdata/nix-2.26.json")
	if err != nil {
		t.Fatal(err)
	}
	shown, faults := nixconf.Read("nix.json", text)
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	names := func(s *nixconf.Settings) (names []string) {
		for _, d := range s.Judge(nixconf.Allowed{}) {
			name, _, _ := strings.Cut(d.Summary, " ")
			names = append(names, name)
		}
		return names
	}
	want := []string{"sandbox-fallback", "allow-import-from-derivation", "substituters", "trusted-public-keys"}
	if diff := cmp.Diff(want, names(conf)); diff != "" {
		t.Errorf("of the defaults (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, names(shown)); diff != "" {
		t.Errorf("of what Nix shows (-want +got)\n%s", diff)
	}
}

// Each rule is for a setting that Nix has, under its name of today, and all its words
// for one meaning are known.
func TestNixConfRulesAreOfNix(t *testing.T) {
	all := nix226(t)
	got := map[string]any{}
	for name, setting := range nixconf.Defaults() {
		if _, there := all[name]; !there {
			t.Errorf("Nix has no setting %s", name)
		}
		got[name] = setting
	}
	if len(got) != nixconf.Count() {
		t.Errorf("%d settings for %d rules", len(got), nixconf.Count())
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		var want []string
		switch v := all[name]["defaultValue"].(type) {
		case bool:
			want = []string{fmt.Sprint(v)}
		case string:
			want = append(want, strings.Fields(v)...)
		case []any:
			for _, item := range v {
				want = append(want, item.(string))
			}
		case map[string]any:
			want = slices.Sorted(maps.Keys(v))
		}
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s (-Nix +rule)\n%s", name, diff)
		}
	}
}

// FuzzNixConf: whatever the text, it is judged or there is a fault; and settings that
// are off stay so, whatever stands before them.
func FuzzNixConf(f *testing.F) {
	f.Add([]byte(goodConf))
	f.Add([]byte("extra-substituters = a\nsubstituters = b # c\n!include d\n=\n"))
	f.Add([]byte(`{"sandbox": {"value": true}, "trusted-users": {"value": ["root"]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, faults := nixconf.Read("nix.conf", text)
		render(t, faults)
		render(t, s.Judge(nixconf.Allowed{}))
		if faults.HasErrors() || strings.HasPrefix(strings.TrimLeft(string(text), " \t\r\n"), "{") {
			return
		}
		s, faults = nixconf.Read("nix.conf", append(text, "\nsandbox = relaxed\n"...))
		if !faults.HasErrors() && !strings.Contains(render(t, s.Judge(nixconf.Allowed{})), `sandbox is "relaxed"`) {
			t.Fatal("relaxed was not seen")
		}
	})
}
