package main

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/compiler/source"
	schema "github.com/anchor-os/anchor/cue"
)

func newPassport(t *testing.T) string {
	t.Helper()
	files, err := room{Name: "new-room", User: 10000, Memory: "16MiB", Pids: 32}.files()
	if err != nil {
		t.Fatal(err)
	}
	return string(files["passport.toml"])
}

// hidden is a line of an example. A comment has a blank after its #, an example has none.
var hidden = regexp.MustCompile(`(?m)^#([a-z\[])`)

func uncomment(text string) string { return hidden.ReplaceAllString(text, "$1") }

// Whatever the schema lets an author write is in a new passport, in force or as an example.
func TestNewPassportShowsEveryKey(t *testing.T) {
	file, faults := source.Parse("passport.toml", []byte(uncomment(newPassport(t))))
	if file == nil {
		t.Fatal(faults[0].Summary)
	}
	keys := 0
	var seek func(path string, schema cue.Value, shown *source.Value)
	seek = func(path string, schema cue.Value, shown *source.Value) {
		for it, _ := schema.Fields(cue.Optional(true)); it.Next(); {
			keys++
			key, inner := path+"."+it.Selector().Unquoted(), it.Value()
			at := shown.Find(it.Selector().Unquoted())
			if at == nil {
				t.Errorf("%s is not in the template", key[1:])
				continue
			}
			if inner.IncompleteKind() == cue.ListKind {
				inner = inner.LookupPath(cue.MakePath(cue.AnyIndex))
				if len(at.Items) == 0 {
					t.Errorf("%s has nothing in it in the template", key[1:])
					continue
				}
				at = at.Items[0]
			}
			if inner.IncompleteKind() == cue.StructKind {
				seek(key, inner, at)
			}
		}
	}
	seek("", theSchema(t).LookupPath(cue.ParsePath("#Room")), file.Root)
	if keys < 58 {
		t.Errorf("only %d keys found in the schema", keys)
	}
}

func theSchema(t *testing.T) cue.Value {
	t.Helper()
	instance := build.NewContext().NewInstance("", nil)
	names, err := fs.Glob(schema.Files, "*.cue")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(schema.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := instance.AddFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := instance.Complete(); err != nil {
		t.Fatal(err)
	}
	return cuecontext.New().BuildInstance(instance)
}

// examples are what an author takes the # away from in one go: a table with all that is in it, or a line.
func examples(text string) (all []string) {
	block := false
	for line := range strings.Lines(text) {
		switch {
		case !hidden.MatchString(line):
			block = false
		case block:
			all[len(all)-1] += line
		default:
			block = line[1] == '['
			all = append(all, line)
		}
	}
	return all
}

// surroundings are what an example needs of the rest: another mode of the room's network, more in
// system.toml, more in the passport of the other room.
type surroundings struct{ mode, system, other string }

var inNetwork = surroundings{mode: `"host"`, system: `
[network]
interface = "eth0"
address = "10.0.2.15/24"
gateway = "10.0.2.2"
`}

var needs = map[string]surroundings{
	"connect":                inNetwork,
	"bind":                   inNetwork,
	"udp.reason":             inNetwork,
	"[capabilities]":         {inNetwork.mode + "\nbind = [443]", inNetwork.system, ""},
	"[[filesystem.volumes]]": {system: "[data]\npartitions = [\"new-room\"]\n"},
	"[[socket]]":             {other: "[[connect]]\nroom = \"new-room\"\nsocket = \"new-room\"\n"},
	"[[connect]]":            {other: "[[socket]]\nname = \"its-socket\"\nclients = [\"new-room\"]\n"},
}

// Each example of a new passport passes, with what it needs around it, when it is uncommented.
func TestNewPassportsExamplesPass(t *testing.T) {
	passport := newPassport(t)
	all := examples(passport)
	var met []string
	for _, example := range all {
		key := strings.Fields(uncomment(example))[0]
		t.Run(key, func(t *testing.T) {
			need := needs[key]
			text := strings.Replace(passport, example, uncomment(example), 1)
			if need.mode != "" {
				text = strings.Replace(text, `mode = "none"`, "mode = "+need.mode, 1)
			}
			for _, d := range compiler.Check(rooms(text, need), "rooms") {
				t.Errorf("%s: %s", d.Subject.Text(), d.Summary)
			}
		})
		met = append(met, key)
	}
	if len(all) < 20 {
		t.Errorf("only %d examples found", len(all))
	}
	for key := range needs {
		if !slices.Contains(met, key) {
			t.Errorf("%s is no example", key)
		}
	}
}

// rooms are the new room and another one.
func rooms(passport string, need surroundings) fs.FS {
	return fstest.MapFS{
		"new-room/passport.toml": {Data: []byte(passport)},
		"other-room/passport.toml": {Data: []byte(`
passport = 1
room = { name = "other-room", description = "Stands beside the new one", exec = ["/bin/other"], user = 10001 }
resources = { memory = { max = "1MiB" }, pids = 16 }
network = { mode = "none" }
system-calls = { profile = "service" }
` + need.other)},
		"system.toml": {Data: []byte(`
system = 1
policy = { version = 1, floor = 1 }
kernel = { command-line = [] }
budget = { memory = "32MiB", pids = 128 }
` + need.system)},
	}
}
