package check

import (
	"cmp"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// validator gives a function that holds a file against the JSON Schema of passports
// or of system.toml, by CUE's reading of JSON Schemas.
func validator(t *testing.T, system bool) func(*source.File) error {
	t.Helper()
	text, err := JSONSchema(system)
	if err != nil {
		t.Fatal(err)
	}
	expr, err := json.Extract("schema", text)
	if err != nil {
		t.Fatal(err)
	}
	ctx := cuecontext.New()
	file, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{StrictFeatures: true})
	if err != nil {
		t.Fatal(err)
	}
	schema := ctx.BuildFile(file)
	if err := schema.Err(); err != nil {
		t.Fatal(err)
	}
	return func(f *source.File) error {
		text, err := stdjson.Marshal(f.Root.Plain())
		if err != nil {
			return err
		}
		data, err := json.Extract("data", text)
		if err != nil {
			return err
		}
		return schema.Unify(ctx.BuildExpr(data)).Validate(cue.Concrete(true))
	}
}

// unseen tells why a JSON Schema does not see a fault of a code, or not always; ""
// for those that it must see.
func unseen(code diag.Code) string {
	switch code {
	case diag.WrongType:
		return "to JSON, 10001.0 is 10001"
	case diag.WrongForm:
		return "it counts no different letters"
	case diag.OutOfRange:
		return "it does no arithmetic on units"
	case diag.NameNotDirectory:
		return "it does not know the file's folder"
	case diag.CommandLineTooLong:
		return "it adds no lengths"
	}
	switch code / 100 {
	case 4:
		return "it has shapes only, and no rules"
	case 5:
		return "it sees one file"
	}
	return ""
}

const unseenFixtures = "testdata/unseen-by-json-schema"

// TestJSONSchema validates the shipped files and the valid fixtures, and every fixture
// of a defect. Those that are not refused are listed, by code.
func TestJSONSchema(t *testing.T) {
	room, system := validator(t, false), validator(t, true)
	validate := func(tree *source.Tree) error {
		if tree.System != nil {
			if err := system(tree.System); err != nil {
				return fmt.Errorf("system.toml: %w", err)
			}
		}
		for _, dir := range tree.Rooms {
			if dir.Passport == nil {
				continue
			}
			if err := room(dir.Passport); err != nil {
				return fmt.Errorf("%s: %w", dir.Name, err)
			}
		}
		return nil
	}
	shipped, faults := source.ReadTree(os.DirFS("../../rooms"), "rooms")
	if faults.HasErrors() {
		t.Fatal(render(t, faults))
	}
	valid := fixtures(t, "testdata/valid/*.txtar")
	valid["the shipped rooms"] = &fixture{tree: shipped}
	for name, f := range valid {
		if err := validate(f.tree); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var lines []string
	refused, missed := 0, 0
	for name, f := range fixtures(t, "testdata/*.txtar") {
		if validate(f.tree) != nil {
			refused++
			continue
		}
		missed++
		for _, code := range f.codes() {
			if unseen(code) == "" {
				t.Errorf("%s: a JSON Schema could see %v", name, code)
			}
			lines = append(lines, fmt.Sprintf("%v %s: %s", code, name, unseen(code)))
		}
	}
	slices.Sort(lines)
	t.Logf("%d valid directories accepted; of the fixtures, %d refused and %d not", len(valid), refused, missed)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(unseenFixtures, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(unseenFixtures)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", unseenFixtures, diff)
	}
}

// codes gives the codes of a fixture's faults, each once.
func (f *fixture) codes() (all []diag.Code) {
	seen := map[diag.Code]bool{}
	for _, fault := range f.faults {
		var code diag.Code
		if _, err := fmt.Sscanf(fault, "P%04d ", &code); err == nil {
			seen[code] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), cmp.Compare)
}

// The schemas in docs/schema, which editors are pointed to, are the ones of today.
func TestJSONSchemaFiles(t *testing.T) {
	taplo, err := os.ReadFile("../../.taplo.toml")
	if err != nil {
		t.Fatal(err)
	}
	for system, name := range map[bool]string{false: "docs/schema/room.json", true: "docs/schema/system.json"} {
		want, err := JSONSchema(system)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile("../../"+name, want, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not the schema; run this test with -update (-schema +file)\n%s", name, diff)
		}
		if !strings.Contains(string(taplo), `"`+name+`"`) {
			t.Errorf(".taplo.toml does not name %s", name)
		}
	}
}
