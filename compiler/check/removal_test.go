package check

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// removals names for every constraint a fixture that is not refused as it should be
// once the constraint is removed.
const removals = "testdata/removals"

// equivalent lists removals that change no verdict, each with the proof of it.
var equivalent = map[string]string{
	`#Room.resources.cpu.quota: without @percent min="1%"`: "the form has no number below 1; the bound is there for the message",
	`#Tmpfs.size: without @size min="4KiB"`:                "no size in steps of 4KiB lies below 4KiB; the bound is there for the message",
	"#DeviceNode.major: without int":                       "a node is decoded into whole numbers, which refuses another",
	"#DeviceNode.major: without >=0":                       "a node is decoded into numbers without a sign, which refuses one below",
	"#DeviceNode.minor: without int":                       "a node is decoded into whole numbers, which refuses another",
	"#DeviceNode.minor: without >=0":                       "a node is decoded into numbers without a sign, which refuses one below",
	"#DeviceNode.writable: without bool":                   "a node is decoded into a boolean, which refuses another value",
}

// fixture is one directory of rooms with its verdict.
type fixture struct {
	tree   *source.Tree
	first  diag.List // of reading it
	faults []string  // of all
	text   string    // their messages
}

// places writes every fault as its code and its place.
func places(l diag.List) (all []string) {
	for _, d := range l {
		all = append(all, fmt.Sprintf("%v %s:%d-%d", d.Code, d.Subject.Source.Name, d.Subject.Start, d.Subject.End))
	}
	return all
}

// fixtures reads the archives of a pattern, put over the valid rooms.
func fixtures(t *testing.T, pattern string) map[string]*fixture {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%d archives, error %v", len(names), err)
	}
	valid := parse(t, "testdata/valid/rooms.txtar")
	all := map[string]*fixture{}
	for _, name := range names {
		archives := load(valid, parse(t, name))
		if strings.Contains(name, "/valid/") {
			archives = load(parse(t, name))
		}
		all[strings.TrimSuffix(filepath.Base(name), ".txtar")] = newFixture(t, archives)
	}
	return all
}

func newFixture(t testing.TB, files fstest.MapFS) *fixture {
	tree, faults := source.ReadTree(files, "rooms")
	_, more := Check(tree)
	all := append(faults, more...)
	return &fixture{tree, faults, places(all), render(t, all)}
}

// afterTooMany is a fixture whose message would be longer than all others together:
// TestMoreRoomsToWaitForThanCanBe looks at it.
func afterTooMany(t testing.TB) *fixture {
	files := load(parse(t, "testdata/valid/rooms.txtar"))
	text := string(files["web/passport.toml"].Data)
	files["web/passport.toml"].Data = []byte(strings.Replace(text, "[room]\n", "[room]\n"+strings.TrimPrefix(after(numbers(257)...), "room."), 1))
	return newFixture(t, files)
}

func numbers(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// passes reports whether some fault of the fixture is not found without what a
// mutant lacks. To lack a parameter of the kernel changes what is said of it.
func (f *fixture) passes(t *testing.T, m mutant, l *language) bool {
	_, faults := l.check(f.tree)
	faults = append(slices.Clone(f.first), faults...)
	if m.words {
		return render(t, faults) != f.text
	}
	found := places(faults)
	return slices.ContainsFunc(f.faults, func(fault string) bool { return !slices.Contains(found, fault) })
}

// TestEveryConstraintIsNeeded removes every constraint of the schema in turn. What
// was valid stays valid without it, and some fixture is no longer refused as it was.
func TestEveryConstraintIsNeeded(t *testing.T) {
	all, defects, valid := mutants(t), fixtures(t, "testdata/*.txtar"), fixtures(t, "testdata/valid/*.txtar")
	defects["after-257-rooms"] = afterTooMany(t)
	hints := readRemovals(t)
	killers := make([]string, len(all))
	var group sync.WaitGroup
	turn := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range turn {
				killers[i] = killer(t, all[i], hints[all[i].name], defects, valid)
			}
		})
	}
	for i := range all {
		turn <- i
	}
	close(turn)
	group.Wait()
	report(t, all, killers)
}

func report(t *testing.T, all []mutant, killers []string) {
	t.Helper()
	var lines []string
	needed := 0
	for i, m := range all {
		switch proof := equivalent[m.name]; {
		case killers[i] != "" && proof != "":
			t.Errorf("%s needs %s, of which a proof says that nothing does: %s", killers[i], m.name, proof)
		case killers[i] != "":
			needed++
		case proof == "":
			t.Errorf("no fixture needs %s: %s:%s", m.name, m.file, m.instead)
		}
		lines = append(lines, m.name+"\t"+killers[i])
	}
	slices.Sort(lines)
	t.Logf("%d constraints: %d needed by a fixture, %d proven to change nothing", len(all), needed, len(equivalent))
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(removals, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(removals)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run with -update (-want +got)\n%s", diff)
	}
}

// readRemovals reads what the last update found: where to look first.
func readRemovals(t *testing.T) map[string]string {
	hints := map[string]string{}
	f, err := os.Open(removals)
	if err != nil && *update {
		return hints
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		name, fixture, _ := strings.Cut(s.Text(), "\t")
		hints[name] = fixture
	}
	return hints
}

// killer gives a fixture that needs the constraint that a mutant is without.
func killer(t *testing.T, m mutant, hint string, defects, valid map[string]*fixture) string {
	if m.data {
		return dataDefect(t, m)
	}
	l, err := compile(m.files(t))
	if err != nil {
		t.Errorf("%s: the schema is refused, which shows nothing of a passport: %v", m.name, err)
		return ""
	}
	for name, f := range valid {
		if _, faults := l.check(f.tree); len(faults) > 0 && !m.words && !m.narrows {
			t.Errorf("%s: %s is refused, so this removes nothing:\n%s", m.name, name, render(t, faults))
		}
	}
	if f := defects[hint]; f != nil && f.passes(t, m, l) {
		return hint
	}
	for _, name := range slices.Sorted(maps.Keys(defects)) {
		if defects[name].passes(t, m, l) {
			return name
		}
	}
	return ""
}

// dataDefects are faults of the schema's own data.
var dataDefects = map[string]string{
	"class-without-nodes":    `deviceClasses: bad: []`,
	"node-with-unknown-key":  `deviceClasses: bad: [{path: "/dev/x", major: 1, minor: 1, writable: true, mode: 438}]`,
	"second-node-likewise":   `deviceClasses: bad: [deviceClasses.rng[0], {path: "/dev/x", major: 1, minor: 1, writable: true, mode: 438}]`,
	"node-below-a-directory": `deviceClasses: bad: [{path: "/dev/x/y", major: 1, minor: 1, writable: true}]`,
	"major-number-too-high":  `deviceClasses: bad: [{path: "/dev/x", major: 4096, minor: 1, writable: true}]`,
	"minor-number-too-high":  `deviceClasses: bad: [{path: "/dev/x", major: 1, minor: 1048576, writable: true}]`,
}

// dataDefect gives a fault of the schema's data that it holds only with the
// constraint that a mutant lacks.
func dataDefect(t *testing.T, m mutant) string {
	for _, name := range slices.Sorted(maps.Keys(dataDefects)) {
		defect := &fstest.MapFile{Data: []byte("package schema\n" + dataDefects[name])}
		whole, without := (mutant{}).files(t), m.files(t)
		whole["defect.cue"], without["defect.cue"] = defect, defect
		if _, err := compile(whole); err == nil {
			t.Errorf("the schema is accepted with %s", name)
		}
		if _, err := compile(without); err == nil {
			return name
		}
	}
	return ""
}
