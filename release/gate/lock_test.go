package gate

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/release/gate/flake"
	"github.com/anchor-os/anchor/release/gate/lock"
)

// goodLock is a lock with an input of an input, a name to follow and an archive.
const goodLock = `{
  "nodes": {
    "lib": {
      "locked": {
        "lastModified": 1750000000,
        "narHash": "sha256-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "rev": "1111111111111111111111111111111111111111",
        "revCount": 7,
        "type": "git",
        "url": "https://example.org/lib.git"
      },
      "original": {
        "ref": "main",
        "type": "git",
        "url": "https://example.org/lib.git"
      }
    },
    "nixpkgs": {
      "locked": {
        "lastModified": 1784011430,
        "narHash": "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=",
        "owner": "NixOS",
        "repo": "nixpkgs",
        "rev": "8eeec934ae0dbeca3d7868c059568a65c08b2fc3",
        "type": "github"
      },
      "original": {
        "owner": "NixOS",
        "ref": "nixos-26.05",
        "repo": "nixpkgs",
        "type": "github"
      }
    },
    "root": {
      "inputs": {
        "nixpkgs": "nixpkgs",
        "tool": "tool"
      }
    },
    "tool": {
      "inputs": {
        "lib": "lib",
        "nixpkgs": [
          "nixpkgs"
        ]
      },
      "locked": {
        "lastModified": 1760000000,
        "narHash": "sha256-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "owner": "example",
        "repo": "tool",
        "rev": "2222222222222222222222222222222222222222",
        "type": "github"
      },
      "original": {
        "owner": "example",
        "repo": "tool",
        "type": "github"
      }
    }
  },
  "root": "root",
  "version": 7
}
`

// alone is a lock without inputs, to put nodes into.
const alone = `{"nodes": {"root": {"inputs": {INPUTS}} NODES}, "root": "root", "version": 7}`

func node(name string, inputs string) string {
	return fmt.Sprintf(`, %q: {"inputs": {%s}, "original": {"type": "github", "owner": "o", "repo": "r"}, "locked": {"type": "github", "owner": "o", "repo": "r", "rev": "%s", "narHash": "sha256-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "lastModified": 1}}`, name, inputs, strings.Repeat("a", 40))
}

func TestLockAccepted(t *testing.T) {
	for name, text := range map[string]string{
		"good":        goodLock,
		"no inputs":   `{"nodes": {"root": {}}, "root": "root", "version": 7}`,
		"other root":  `{"nodes": {"flake": {}}, "root": "flake", "version": 7}`,
		"host":        strings.ReplaceAll(goodLock, `"owner": "NixOS"`, `"owner": "NixOS", "host": "git.example.org"`),
		"follows":     edit(t, goodLock, `"tool": "tool"`, `"tool": "tool", "self": [], "lib": ["tool", "lib"]`),
		"same branch": strings.ReplaceAll(goodLock, `"ref": "main"`, `"ref": "main", "rev": "1111111111111111111111111111111111111111"`),
	} {
		l := lock.Read("flake.lock", []byte(text))
		if len(l.Faults) > 0 || !l.Usable() {
			t.Errorf("%s:\n%s", name, render(t, l.Faults))
		}
	}
	if got := lock.Read("flake.lock", []byte(goodLock)).Summary(); got != "3 inputs; no faults" {
		t.Errorf("the summary is %q", got)
	}
}

func TestLockDefects(t *testing.T) {
	got := map[string]string{}
	defect := func(name, text string) {
		l := lock.Read("flake.lock", []byte(text))
		if !l.Faults.HasErrors() {
			t.Errorf("%s: accepted", name)
		}
		got[name] = render(t, l.Faults)
	}
	change := func(name, old, new string) { defect(name, edit(t, goodLock, old, new)) }
	cut := goodLock[:700]

	change("version unknown", `"version": 7`, `"version": 8`)
	change("version as a text", `"version": 7`, `"version": "7"`)
	change("version missing", ",\n  \"version\": 7", "")
	change("root missing", "\"root\": \"root\",\n  ", "")
	change("root is no node", `"root": "root",`, `"root": "flake",`)
	defect("nodes missing", `{"root": "root", "version": 7}`)
	defect("not an object", "[]")
	defect("cut off", cut)
	change("key twice", `"owner": "NixOS",
        "repo": "nixpkgs",
        "rev"`, `"owner": "NixOS",
        "owner": "evil",
        "repo": "nixpkgs",
        "rev"`)
	change("unknown key", `"version": 7`, `"version": 7, "overrides": {}`)
	change("unknown key of a node", `"original": {
        "owner": "example"`, `"fetched": true, "original": {
        "owner": "example"`)
	change("a root that is locked", `"root": {
      "inputs"`, `"root": {
      "locked": {}, "inputs"`)
	change("flake as a text", `"original": {
        "owner": "example"`, `"flake": "no", "original": {
        "owner": "example"`)
	change("parent", `"original": {
        "owner": "example"`, `"parent": 5, "original": {
        "owner": "example"`)
	signed := strings.ReplaceAll(goodLock, `"url": "https://example.org/lib.git"`, `"url": "https://example.org/lib.git", "verifyCommit": true, "publicKey": "AAAA"`)
	once := func(old, new string) string { return strings.Replace(signed, old, new, 1) } // in locked, which comes first
	defect("signature not asked of what was locked", once(`"verifyCommit": true`, `"verifyCommit": false`))
	defect("signature of another key", once(`"AAAA"`, `"BBBB"`))
	defect("signature of no key", once(`, "publicKey": "AAAA"`, ""))
	defect("keys that nobody asked for", strings.Replace(goodLock, `"revCount": 7`, `"publicKeys": "[]"`, 1))
	change("place that its type does not read", `"rev": "2222`, `"url": "https://example.net/tool", "rev": "2222`)
	defect("owner that leads elsewhere", strings.ReplaceAll(goodLock, `"owner": "example"`, `"owner": "example/tool/archive/main.zip?"`))
	defect("repository above all", strings.ReplaceAll(goodLock, `"repo": "tool"`, `"repo": ".."`))
	defect("host with a name before it", strings.ReplaceAll(goodLock, `"owner": "NixOS"`, `"owner": "NixOS", "host": "github.com@example.net"`))
	defect("host that is an option", strings.ReplaceAll(goodLock, "https://example.org/lib.git", "ssh://-oProxyCommand=x/lib.git"))
	defect("user that is an option", strings.ReplaceAll(goodLock, "https://example.org/lib.git", "ssh://-oProxyCommand=x@example.org/lib.git"))
	defect("fragment", strings.ReplaceAll(goodLock, "https://example.org/lib.git", "https://example.org/lib.git#main"))
	defect("branch in a query", strings.ReplaceAll(goodLock, "https://example.org/lib.git", "https://example.org/lib.git?ref=main"))
	defect("password", strings.ReplaceAll(goodLock, "https://example.org/lib.git", "https://git:secret@example.org/lib.git"))
	change("user that nobody asked for", "\"type\": \"git\",\n        \"url\": \"https://example.org/lib.git\"\n      },\n      \"original\"", "\"type\": \"git\",\n        \"url\": \"https://other@example.org/lib.git\"\n      },\n      \"original\"")
	change("unknown attribute", `"revCount": 7`, `"revcount": 7`)
	change("attribute of another kind", `"revCount": 7`, `"revCount": "7"`)
	change("number that is none", `"revCount": 7`, `"revCount": -7.5`)
	change("blanks in an attribute", `"owner": "example",
        "repo": "tool",
        "rev"`, `"owner": "exa mple",
        "repo": "tool",
        "rev"`)
	change("name with a control character", `"tool": "tool"`, `"to\u001b[2Jol": "tool"`)
	change("input of another kind", `"tool": "tool"`, `"tool": 1`)
	defect("node without original", `{"nodes": {"root": {"inputs": {"a": "a"}}, "a": {"locked": {}}}, "root": "root", "version": 7}`)
	change("no owner", "\"owner\": \"example\",\n        \"repo\": \"tool\",\n        \"rev\"", "\"repo\": \"tool\",\n        \"rev\"")
	change("no type", "\"ref\": \"main\",\n        \"type\": \"git\",", "")
	change("unknown type", `"revCount": 7,
        "type": "git"`, `"type": "svn"`)

	change("no rev", "        \"rev\": \"8eeec934ae0dbeca3d7868c059568a65c08b2fc3\",\n", "")
	change("rev is a branch", "8eeec934ae0dbeca3d7868c059568a65c08b2fc3", "nixos-26.05")
	change("rev is short", "8eeec934ae0dbeca3d7868c059568a65c08b2fc3", "8eeec93")
	change("rev is nought", "8eeec934ae0dbeca3d7868c059568a65c08b2fc3", strings.Repeat("0", 40))
	change("no narHash", "        \"narHash\": \"sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=\",\n", "")
	change("narHash cut off", "lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=", "lDebytrYdd47")
	change("narHash of zeros", "lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=", strings.Repeat("A", 43)+"=")
	change("lastModified in the future", "1784011430", "32503680000")
	both := func(name, url string) { defect(name, strings.ReplaceAll(goodLock, "https://example.org/lib.git", url)) }
	both("file of this host by its name", "file://localhost/home/me/lib.git")
	both("without encryption", "http://example.org/lib.git")
	both("by Git's own protocol", "git://example.org/lib.git")
	defect("archive with a rev", strings.NewReplacer(`"type": "git"`, `"type": "tarball"`, "\"ref\": \"main\",\n        ", "").Replace(goodLock))
	change("narHash of another kind", "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=", "md5-rL0Y20zC+Fzt72VPzMSk2A==")
	change("no lastModified", "        \"lastModified\": 1784011430,\n", "")
	change("branch in locked", "\"rev\": \"8eeec934ae0dbeca3d7868c059568a65c08b2fc3\"", "\"rev\": \"8eeec934ae0dbeca3d7868c059568a65c08b2fc3\", \"ref\": \"nixos-26.05\"")
	change("dirty tree", "\"rev\": \"8eeec934ae0dbeca3d7868c059568a65c08b2fc3\"", "\"dirtyRev\": \"8eeec934ae0dbeca3d7868c059568a65c08b2fc3-dirty\"")
	change("archive without a rev", "\"owner\": \"NixOS\",\n        \"repo\": \"nixpkgs\",\n        \"rev\": \"8eeec934ae0dbeca3d7868c059568a65c08b2fc3\",\n        \"type\": \"github\"\n      },\n      \"original\": {\n        \"owner\": \"NixOS\",\n        \"ref\": \"nixos-26.05\",\n        \"repo\": \"nixpkgs\",\n        \"type\": \"github\"",
		"\"type\": \"tarball\",\n        \"url\": \"https://example.org/1.tar.gz\"\n      },\n      \"original\": {\n        \"type\": \"tarball\",\n        \"url\": \"https://example.org/latest.tar.gz\"")
	change("path", "\"owner\": \"example\",\n        \"repo\": \"tool\",\n        \"type\": \"github\"", "\"path\": \"/home/me/tool\",\n        \"type\": \"path\"")
	change("path in locked", "\"owner\": \"example\",\n        \"repo\": \"tool\",\n        \"rev\": \"2222222222222222222222222222222222222222\",\n        \"type\": \"github\"", "\"path\": \"/home/me/tool\",\n        \"type\": \"path\"")
	change("file URL", "\"ref\": \"main\",\n        \"type\": \"git\",\n        \"url\": \"https://example.org/lib.git\"", "\"type\": \"git\",\n        \"url\": \"file:///home/me/lib.git\"")
	change("indirect", "\"owner\": \"NixOS\",\n        \"ref\": \"nixos-26.05\",\n        \"repo\": \"nixpkgs\",\n        \"type\": \"github\"", "\"id\": \"nixpkgs\",\n        \"type\": \"indirect\"")
	change("locked to another owner", "\"owner\": \"NixOS\",\n        \"repo\"", "\"owner\": \"N1xOS\",\n        \"repo\"")
	change("locked to another host", "\"owner\": \"NixOS\",\n        \"repo\"", "\"host\": \"git.example.org\",\n        \"owner\": \"NixOS\",\n        \"repo\"")
	change("locked to another URL", "\"revCount\": 7,\n        \"type\": \"git\",\n        \"url\": \"https://example.org/lib.git\"", "\"type\": \"git\",\n        \"url\": \"http://example.org/lib.git\"")
	change("locked to another directory", "\"revCount\": 7,", "\"dir\": \"other\",")
	change("locked to another revision", `"ref": "main"`, `"rev": "3333333333333333333333333333333333333333"`)

	change("node that is missing", `"lib": "lib"`, `"lib": "lib2"`)
	change("node that nothing uses", "\"nixpkgs\": \"nixpkgs\",\n        \"tool\": \"tool\"", "\"nixpkgs\": \"nixpkgs\"")
	change("node used twice", `"lib": "lib"`, `"lib": "lib", "again": "lib"`)
	change("follows nowhere", "\"nixpkgs\": [\n          \"nixpkgs\"", "\"nixpkgs\": [\n          \"tool\", \"nixpkgs2\"")
	change("follows a path as one name", `"tool": "tool"`, `"tool": "tool", "a": ["tool", "lib"], "b": ["tool/lib"]`)
	change("follows a name that is none", `"tool": "tool"`, `"tool": "tool", "a": [], "b": [""]`)
	defect("circle of nodes", strings.NewReplacer("INPUTS", `"a": "a"`, "NODES", node("a", `"b": "b"`)+node("b", `"a": "a"`)).Replace(alone))
	defect("circle to the root", strings.NewReplacer("INPUTS", `"a": "a"`, "NODES", node("a", `"r": "root"`)).Replace(alone))
	defect("circle of followers", strings.NewReplacer("INPUTS", `"a": ["b"], "b": ["a"]`, "NODES", "").Replace(alone))
	golden(t, "lock-defects.txtar", got)
}

// A lock has each input of the flake.nix that it lies beside.
func TestLockOfAFlake(t *testing.T) {
	got := map[string]string{}
	for name, text := range map[string]string{
		"all":     goodLock,
		"empty":   `{"nodes": {"root": {}}, "root": "root", "version": 7}`,
		"another": edit(t, goodLock, `"tool": "tool"`, `"tool2": "tool"`),
	} {
		l := lock.Read("flake.lock", []byte(text))
		l.Demand(flake.Inputs([]byte(`{ inputs = { nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; tool = { url = "github:example/tool/main"; inputs.nixpkgs.follows = "nixpkgs"; }; }; outputs = _: { }; }`)))
		got[name] = render(t, l.Faults)
	}
	const sources = `{ inputs = { nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05"; nixpkgs.flake = true; tool = { url = "github:example/tool/main"; flake = false; }; }; outputs = _: { }; }`
	data := edit(t, goodLock, "\"original\": {\n        \"owner\": \"example\"", "\"flake\": false, \"original\": {\n        \"owner\": \"example\"")
	for name, c := range map[string][2]string{
		"data":                     {data, sources},
		"code that should be data": {goodLock, sources},
		"data that should be code": {data, edit(t, sources, "flake = false;", "")},
	} {
		l := lock.Read("flake.lock", []byte(c[0]))
		l.Demand(flake.Inputs([]byte(c[1])))
		got[name] = render(t, l.Faults)
	}
	l := lock.Read("flake.lock", []byte(goodLock))
	l.Demand(flake.Inputs([]byte(`{ ${"inputs"}.extra.url = "github:example/extra/main"; inputs."tool/lib".url = "github:example/lib/main"; outputs = _: { }; }`)))
	got["by other spellings"] = render(t, l.Faults)
	golden(t, "lock-of-a-flake.txtar", got)
}

// A lock of many faults in one line ends after a hundred.
func TestLockOfManyFaults(t *testing.T) {
	var keys []string
	for i := range 9000 {
		keys = append(keys, fmt.Sprintf(`"%d": 1`, i))
	}
	l := lock.Read("flake.lock", []byte("{"+strings.Join(keys, ",")+"}"))
	if len(l.Faults) != 100 {
		t.Errorf("%d faults, want 100", len(l.Faults))
	}
}

// A list of followers that Nix would take forever to follow is followed in no time.
func TestLockFollowersWithoutEnd(t *testing.T) {
	inputs := []string{`"z": "z"`}
	for i := range 60 {
		next := fmt.Sprintf(`"f%d"`, i+1)
		if i == 59 {
			next = `"z"`
		}
		inputs = append(inputs, fmt.Sprintf(`"f%d": [%s, "s", %s, "s"]`, i, next, next))
	}
	text := strings.NewReplacer("INPUTS", strings.Join(inputs, ", "), "NODES", node("z", `"s": []`)).Replace(alone)
	if got := lock.Read("flake.lock", []byte(text)); !got.Faults.HasErrors() {
		t.Error("accepted")
	}
}

func TestLockDeltas(t *testing.T) {
	got := map[string]string{}
	compare := func(name, old, new string, allowed ...string) {
		was, is := lock.Read("old.lock", []byte(old)), lock.Read("new.lock", []byte(new))
		if !was.Usable() || !is.Usable() {
			t.Fatalf("%s:\n%s%s", name, render(t, was.Faults), render(t, is.Faults))
		}
		var d lock.Delta
		needless := d.CompareLocks(was, is, allowed)
		var b strings.Builder
		if err := d.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		got[name] = fmt.Sprintf("%s%s%s\n", b.String(), render(t, d.Faults), d.Summary())
		if len(needless) > 0 {
			got[name] += fmt.Sprintf("needless: %s\n", needless)
		}
	}
	change := func(name, old, new string, allowed ...string) {
		compare(name, goodLock, edit(t, goodLock, old, new), allowed...)
	}
	followed := edit(t, goodLock, `"lib": "lib",`, `"lib": ["nixpkgs"],`)
	start, end := strings.Index(followed, `    "lib": {`), strings.Index(followed, `    "nixpkgs": {`)
	followed = followed[:start] + followed[end:]

	compare("nothing", goodLock, goodLock)
	compare("moved", goodLock, strings.NewReplacer("1784011430", "1785000000", "8eeec934ae0dbeca3d7868c059568a65c08b2fc3", strings.Repeat("9", 40), "lDeby", "mDeby").Replace(goodLock))
	compare("came in", followed, goodLock)
	compare("came in and named", followed, goodLock, "tool/lib")
	compare("named and did not come in", goodLock, goodLock, "tool/lib")
	compare("went away", goodLock, followed)
	compare("all is new", `{"nodes": {"root": {}}, "root": "root", "version": 7}`, goodLock, "tool/lib")
	compare("owner changed", goodLock, strings.ReplaceAll(goodLock, `"owner": "NixOS"`, `"owner": "N1xOS"`))
	compare("host changed", goodLock, strings.ReplaceAll(goodLock, `"owner": "NixOS"`, `"host": "git.example.org", "owner": "NixOS"`))
	compare("URL changed", goodLock, strings.ReplaceAll(goodLock, `example.org/lib`, `example.com/lib`))
	change("narHash changed", "lDeby", "mDeby")
	change("another branch is asked for", `"ref": "nixos-26.05"`, `"ref": "nixos-unstable"`)
	change("no branch is asked for", "        \"ref\": \"main\",\n", "")
	change("date changed alone", "1784011430", "1784011431")
	compare("back in time", goodLock, strings.NewReplacer("1784011430", "1700000000", "8eeec934ae0dbeca3d7868c059568a65c08b2fc3", strings.Repeat("9", 40), "lDeby", "mDeby").Replace(goodLock))
	change("follows something else", "\"nixpkgs\": [\n          \"nixpkgs\"", "\"nixpkgs\": [\n          \"tool\"")
	signed := strings.ReplaceAll(goodLock, `"url": "https://example.org/lib.git"`, `"url": "https://example.org/lib.git", "verifyCommit": true, "publicKey": "AAAA"`)
	compare("signature is asked for no more", signed, strings.ReplaceAll(signed, `"verifyCommit": true`, `"verifyCommit": false`))
	compare("another key signs", signed, strings.ReplaceAll(signed, "AAAA", "BBBB"))
	compare("no key signs", signed, goodLock)
	compare("data becomes code", edit(t, goodLock, "\"original\": {\n        \"owner\": \"example\"", "\"flake\": false, \"original\": {\n        \"owner\": \"example\""), goodLock)
	change("with submodules", `"revCount": 7`, `"revCount": 7, "submodules": true`)
	change("another tree", `"revCount": 7`, `"treeHash": "1111111111111111111111111111111111111111"`)
	change("submodules are asked for", `"ref": "main"`, `"ref": "main", "submodules": true`)
	golden(t, "lock-deltas.txtar", got)
}

const goodSum = `example.org/a v1.2.0 h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
example.org/a v1.2.0/go.mod h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
example.org/b v0.0.0-20250101000000-abcdefabcdef h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
`

func TestSums(t *testing.T) {
	got := map[string]string{}
	compare := func(name, old, new string) {
		was, is := lock.ReadSum("old.sum", []byte(old)), lock.ReadSum("new.sum", []byte(new))
		if is.Faults.HasErrors() {
			got[name] = render(t, is.Faults)
			return
		}
		var d lock.Delta
		d.CompareSums(was, is)
		var b strings.Builder
		if err := d.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		got[name] = b.String() + render(t, d.Faults) + d.Summary() + "\n"
	}
	change := func(name, old, new string) {
		compare(name, goodSum, edit(t, goodSum, old, new))
	}
	const sum, other = "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "h1:BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	compare("nothing", goodSum, goodSum)
	change("moved", "v1.2.0 h1", "v1.10.0 h1")
	change("went back", "v1.2.0 h1", "v1.1.9 h1")
	change("hash changed", "v1.2.0 "+sum, "v1.2.0 "+other)
	change("hash of a go.mod changed", "v1.2.0/go.mod "+sum, "v1.2.0/go.mod "+other)
	compare("came in", goodSum, goodSum+"example.org/c v2.0.0+incompatible "+sum+"\n")
	compare("went away", goodSum, strings.SplitAfter(goodSum, "\n")[0])
	compare("two versions", goodSum, goodSum+"example.org/a v1.3.0 "+sum+"\n")
	compare("two hashes", goodSum, goodSum+"example.org/a v1.2.0 "+other+"\n")
	compare("a line twice", goodSum, goodSum+"example.org/a v1.2.0 "+sum+"\n")
	compare("cut off", goodSum, strings.TrimSuffix(goodSum, "\n"))
	change("no version", "v1.2.0 h1", "latest h1")
	change("no module", "example.org/b", "example/../b")
	change("no hash", "v1.2.0 "+sum, "v1.2.0 h1:AAEC")
	compare("too large", "", strings.Repeat("x", lock.MaxSum+1))
	golden(t, "sums.txtar", got)
}

// The whole comment on a change, and what programs get.
func TestDeltaFormats(t *testing.T) {
	was := lock.Read("old.lock", []byte(goodLock))
	is := lock.Read("new.lock", []byte(edit(t, goodLock, "lDeby", "mDeby")))
	var d lock.Delta
	d.CompareLocks(was, is, nil)
	var markdown, json strings.Builder
	if err := d.WriteMarkdown(&markdown, d.Faults); err != nil {
		t.Fatal(err)
	}
	if err := d.WriteJSON(&json, d.Faults); err != nil {
		t.Fatal(err)
	}
	golden(t, "delta-formats.txtar", map[string]string{"markdown": markdown.String(), "json": json.String()})
}

// This project's own go.sum is one.
func TestOwnSum(t *testing.T) {
	text, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("", render(t, lock.ReadSum("go.sum", text).Faults)); diff != "" {
		t.Error(diff)
	}
}

// FuzzLock: whatever the text, there are inputs or there is a fault, and a lock does
// not differ from itself.
func FuzzLock(f *testing.F) {
	f.Add([]byte(goodLock))
	f.Add([]byte(strings.NewReplacer("INPUTS", `"a": ["b"], "b": ["a"]`, "NODES", node("a", `"b": "b"`)).Replace(alone)))
	f.Add([]byte(`{"nodes": {"root": {"inputs": {"a": []}}}, "root": "root", "version": 7}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := lock.Read("flake.lock", text)
		if !l.Usable() {
			if !l.Faults.HasErrors() {
				t.Fatal("neither inputs nor a fault")
			}
			return
		}
		render(t, l.Faults)
		var d lock.Delta
		if d.CompareLocks(l, l, nil); len(d.Changes) > 0 {
			t.Fatalf("%v", d.Changes)
		}
	})
}

// FuzzSum: a go.sum that is accepted does not differ from itself.
func FuzzSum(f *testing.F) {
	f.Add([]byte(goodSum))
	f.Fuzz(func(t *testing.T, text []byte) {
		s := lock.ReadSum("go.sum", text)
		var d lock.Delta
		if d.CompareSums(s, s); len(d.Changes) > 0 {
			t.Fatalf("%v", d.Changes)
		}
	})
}
