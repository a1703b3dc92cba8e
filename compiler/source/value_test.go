package source

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `# a comment = 1
one = 1
"two 2".sub = 'x' # [not.a.header]
[ table . "in" ]
list = [ 1, [ "a,]", # ]
  """b
c""" ],
  { k = true, l.m = 1.5 } ]
[[each]]
x = 1
[[ each ]]
[each.below]
y = 0x1
[table]
z = []
`

// outline writes every value with its path, kind and place, one to a line.
func outline(b *strings.Builder, path string, v *Value) {
	from, to := v.Range.From(), v.Range.To()
	fmt.Fprintf(b, "%s %v %d:%d-%d:%d", path, v.Kind, from.Line, from.Column, to.Line, to.Column)
	if v.Key.Valid() {
		fmt.Fprintf(b, " key %d:%d %s", v.Key.From().Line, v.Key.From().Column, v.Key.Text())
	}
	switch v.Kind {
	case String:
		fmt.Fprintf(b, " %q", v.Text)
	case Integer:
		fmt.Fprintf(b, " %d", v.Int)
	case Float:
		fmt.Fprintf(b, " %g", v.Float)
	case Bool:
		fmt.Fprintf(b, " %t", v.Bool)
	}
	b.WriteString("\n")
	for i, item := range v.Items {
		outline(b, fmt.Sprintf("%s[%d]", path, i), item)
	}
	for _, name := range v.Names {
		outline(b, path+"/"+name, v.Fields[name])
	}
}

func TestEveryValueHasItsPlace(t *testing.T) {
	f, faults := Parse("f.toml", []byte(sample))
	if f == nil {
		t.Fatal(render(t, faults))
	}
	var b strings.Builder
	outline(&b, "", f.Root)
	want := ` a table 1:1-1:1
/one an integer 2:7-2:8 key 2:1 one 1
/two 2 a table 3:1-3:12 key 3:1 "two 2"
/two 2/sub a string 3:15-3:18 key 3:9 sub "x"
/table a table 14:1-14:8 key 14:2 table
/table/in a table 4:1-4:17 key 4:11 "in"
/table/in/list a list 5:8-8:28 key 5:1 list
/table/in/list[0] an integer 5:10-5:11 1
/table/in/list[1] a list 5:13-7:7
/table/in/list[1][0] a string 5:15-5:20 "a,]"
/table/in/list[1][1] a string 6:3-7:5 "b\nc"
/table/in/list[2] a table 8:3-8:26
/table/in/list[2]/k a boolean 8:9-8:13 key 8:5 k true
/table/in/list[2]/l a table 8:15-8:18 key 8:15 l
/table/in/list[2]/l/m a fraction 8:21-8:24 key 8:17 m 1.5
/table/z a list 15:5-15:7 key 15:1 z
/each a list 9:1-9:9 key 9:3 each
/each[0] a table 9:1-9:9 key 9:3 each
/each[0]/x an integer 10:5-10:6 key 10:1 x 1
/each[1] a table 11:1-11:11 key 11:4 each
/each[1]/below a table 12:1-12:13 key 12:7 below
/each[1]/below/y an integer 13:5-13:8 key 13:1 y 1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSections(t *testing.T) {
	f, faults := Parse("f.toml", []byte(sample))
	if f == nil {
		t.Fatal(render(t, faults))
	}
	for at, want := range map[string]string{"one": "", "[ table": `[ table . "in" ]`, "l.m": `[ table . "in" ]`, "x = 1": "[[each]]", "z": "[table]"} {
		if got := f.Source.Section(strings.LastIndex(sample, at)); got != want {
			t.Errorf("at %q: in %q, want %q", at, got, want)
		}
	}
}

func TestGet(t *testing.T) {
	f, faults := Parse("f.toml", []byte(sample))
	if f == nil {
		t.Fatal(render(t, faults))
	}
	if v := f.Root.Find("table", "in", "list", "2", "k"); v == nil || !v.Bool {
		t.Errorf("got %v", v)
	}
	for _, path := range [][]string{{"table", "in", "list", "9"}, {"table", "in", "list", "x"}, {"table", "in", "list", "-1"}, {"one", "x"}} {
		v, n := f.Root.Get(path...)
		if f.Root.Find(path...) != nil || n != len(path)-1 || v == nil {
			t.Errorf("%q: got %v at depth %d", path, v, n)
		}
	}
}

// sameReading reads the text of every value again, on its own: if it is another
// value, its place was wrong.
func sameReading(t *testing.T, v *Value) {
	for _, child := range v.children() {
		sameReading(t, child)
	}
	text := v.Range.Text()
	header := strings.HasPrefix(text, "[") && (v.Kind == Table || len(v.Items) > 0 && v.Items[0].Range == v.Range)
	dotted := v.Kind == Table && !strings.HasPrefix(text, "{")
	if header || dotted {
		return
	}
	again, faults := Parse("again", []byte("v = "+text))
	if again == nil {
		t.Fatalf("%q cannot be read again:\n%s", text, render(t, faults))
	}
	var a, b strings.Builder
	content(&a, v)
	content(&b, again.Root.Fields["v"])
	if a.String() != b.String() {
		t.Fatalf("%q was read as %s, on its own as %s", text, a.String(), b.String())
	}
}

func content(b *strings.Builder, v *Value) {
	fmt.Fprintf(b, "(%v %q %d %g %t", v.Kind, v.Text, v.Int, v.Float, v.Bool)
	for _, item := range v.Items {
		content(b, item)
	}
	for _, name := range v.Names {
		fmt.Fprintf(b, " %q", name)
		content(b, v.Fields[name])
	}
	b.WriteString(")")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("a = [\n# ]\n1,]\r\n[b.c]\nd.e = {f = [[]]}\n"))
	f.Add([]byte("a = 1\na = 2"))
	f.Add([]byte("a = {\n b = 1, # x\n}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, faults := Parse("f.toml", text)
		if (file == nil) != faults.HasErrors() {
			t.Fatalf("file %v with:\n%s", file, render(t, faults))
		}
		render(t, faults)
		if file != nil {
			sameReading(t, file.Root)
		}
	})
}
