package jsontree

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler/diag"
)

func render(t testing.TB, l diag.List) string {
	t.Helper()
	var b strings.Builder
	if err := l.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPlaces(t *testing.T) {
	text := `{"a": [1, "b\u0063", null], "d" : {"e": true}}`
	v, faults := Read("f", []byte(text))
	if len(faults) > 0 {
		t.Fatal(render(t, faults))
	}
	for value, want := range map[*Value]string{
		v:                         text,
		v.Get("a"):                `[1, "b\u0063", null]`,
		v.Get("a").Items[1]:       `"b\u0063"`,
		v.Get("d"):                `{"e": true}`,
		v.Get("d").Get("e"):       "true",
		{Place: v.Fields[1].Key}:  `"d"`,
		{Place: v.Fields[0].Key}:  `"a"`,
		v.Get("a").Items[2]:       "null",
		{Place: v.Get("a").Place}: `[1, "b\u0063", null]`,
	} {
		if got := value.Place.Text(); got != want {
			t.Errorf("got the place of %s, want that of %s", got, want)
		}
	}
	if got := v.Get("a").Items[1].Text; got != "bc" {
		t.Errorf("got %q, want it without escapes", got)
	}
	if v.Get("f") != nil {
		t.Error("there is a value without a key")
	}
	if _, ok := v.Get("a").Texts(); ok {
		t.Error("a list of a number was taken for texts")
	}
}

func TestDefects(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty": {"", `Error: the file ends within its JSON [P0621]

  on f:1:1:
   1:
      ^

Something was cut off: nobody knows what it said.

`},
		"cut off": {"{\"a\":\n [1,", `Error: the file ends within its JSON [P0621]

  on f:2:5:
   2:  [1,
          ^

Something was cut off: nobody knows what it said.

`},
		"a second value": {"{}\n{}", `Error: the file is not JSON: invalid character '{' after top-level value [P0621]

  on f:2:1:
   2: {}
      ^

`},
		"a comment": {"{} // no", `Error: the file is not JSON: invalid character '/' after top-level value [P0621]

  on f:1:4:
   1: {} // no
         ^

`},
		"a comma at the end": {"[1,]", `Error: the file is not JSON: invalid character ']' looking for beginning of value [P0621]

  on f:1:4:
   1: [1,]
         ^

`},
		"a key twice": {`{"a": 1, "b": {"a": 2}, "\u0061": 3}`, `Error: the key "a" is given twice [P0622]

  on f:1:25:
   1: {"a": 1, "b": {"a": 2}, "\u0061": 3}
                              ^^^^^^^^

  and first on f:1:2:
   1: {"a": 1, "b": {"a": 2}, "\u0061": 3}
       ^^^

Programs that read JSON take the last and say nothing; whoever reads the file
may have seen the first.

`},
		"not UTF-8": {"[\"\xff\"]", "Error: byte 0xff is not UTF-8 [P0104]\n\n  on f:1:3:\n   1: [\"\ufffd\"]\n        ^\n\n"},
		"too deep": {strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), `Error: values are nested more than 32 deep [P0621]

  on f:1:33:
   1: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
                                      ^

`},
		"too large": {strings.Repeat(" ", MaxSize+1), "Error: the file has more than 1048576 bytes [P0103]\n\n  on f\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := Read("f", []byte(test.text))
			if diff := cmp.Diff(test.want, render(t, faults)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// FuzzRead: what is accepted is JSON in which each place holds its own value.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a":[1,2.5e3,"\n",true,null,{}]}`, `{"a":1,"a":2}`, "[[[", "\"\xff\"", " 1 ", `{"a" : "\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, faults := Read("f", text)
		if v == nil {
			if !faults.HasErrors() {
				t.Fatal("neither a value nor a fault")
			}
			return
		}
		if !json.Valid(text) {
			t.Fatal("accepted what is no JSON")
		}
		var each func(v *Value)
		each = func(v *Value) {
			part := v.Place.Text()
			if !json.Valid([]byte(part)) {
				t.Fatalf("%s is at %q", v.Kind, part)
			}
			if v.Kind == String {
				var s string
				if err := json.Unmarshal([]byte(part), &s); err != nil || s != v.Text {
					t.Fatalf("%q is at %q", v.Text, part)
				}
			}
			for _, item := range v.Items {
				each(item)
			}
			for _, field := range v.Fields {
				each(field.Value)
			}
		}
		each(v)
	})
}
