package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSON(t *testing.T) {
	r := at("é = 1\n", "1")
	l := List{
		{Severity: Warning, Code: 2, Summary: "later", Subject: r},
		{Severity: Error, Code: 1, Summary: "first \x1b", Detail: "d", Hint: "h", Subject: NewSource("a", nil).Whole(),
			Related: []Related{{Message: "m", Range: r}}},
		{Severity: Warning, Code: 2, Summary: "later", Subject: r},
	}
	want := `{
  "diagnostics": [
    {
      "severity": "error",
      "code": "P0001",
      "summary": "first \\x1b",
      "detail": "d",
      "hint": "h",
      "range": {
        "file": "a"
      },
      "related": [
        {
          "message": "m",
          "range": {
            "file": "f.toml",
            "start": {
              "line": 1,
              "column": 5,
              "byte": 5
            },
            "end": {
              "line": 1,
              "column": 6,
              "byte": 6
            }
          }
        }
      ]
    },
    {
      "severity": "warning",
      "code": "P0002",
      "summary": "later",
      "range": {
        "file": "f.toml",
        "start": {
          "line": 1,
          "column": 5,
          "byte": 5
        },
        "end": {
          "line": 1,
          "column": 6,
          "byte": 6
        }
      }
    }
  ],
  "errors": 1,
  "warnings": 1
}
`
	var b strings.Builder
	if err := l.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestJSONOfNothing(t *testing.T) {
	var b strings.Builder
	if err := (List{}).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"diagnostics\": [],\n  \"errors\": 0,\n  \"warnings\": 0\n}\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestSortedByPlaceWithoutRepetition(t *testing.T) {
	a, b := NewSource("a", []byte("x\ny\n")), NewSource("b", []byte("x\n"))
	l := List{
		{Severity: Error, Code: 1, Summary: "3", Subject: b.Range(0, 1)},
		{Severity: Error, Code: 9, Summary: "2", Subject: a.Range(2, 3)},
		{Severity: Error, Code: 1, Summary: "1", Subject: a.Range(2, 3)},
		{Severity: Error, Code: 1, Summary: "0", Subject: a.Range(0, 1)},
		{Severity: Error, Code: 1, Summary: "1", Subject: a.Range(2, 3)},
	}
	var got []string
	for _, d := range l.Sorted() {
		got = append(got, d.Summary)
	}
	if diff := cmp.Diff([]string{"0", "1", "2", "3"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCounts(t *testing.T) {
	a, b := NewSource("a", []byte("xy")), NewSource("b", []byte("xy"))
	e := func(s *Source, i int) Diagnostic { return Diagnostic{Severity: Error, Subject: s.Range(i, i+1)} }
	w := func(s *Source) Diagnostic { return Diagnostic{Severity: Warning, Subject: s.Range(0, 1)} }
	tests := []struct {
		want string
		give List
	}{
		{"no faults", nil},
		{"1 error in 1 file", List{e(a, 0), e(a, 0)}},
		{"2 errors in 1 file", List{e(a, 0), e(a, 1)}},
		{"2 errors and 1 warning in 2 files", List{e(a, 0), e(b, 0), w(b)}},
		{"2 warnings in 2 files", List{w(a), w(b)}},
		{"1 error", List{{Severity: Error}}},
	}
	for _, tt := range tests {
		if got := tt.give.Counts(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	keys := []string{"name", "exec", "user", "uses", "open-files", "description"}
	tests := []struct{ word, want string }{
		{"nmae", `did you mean "name"?`},
		{"EXEC", `did you mean "exec"?`},
		{"xeec", `did you mean "exec"?`},
		{"open_files", `did you mean "open-files"?`},
		{"descripton", `did you mean "description"?`},
		{"usef", `did you mean "user" or "uses"?`},
		{"xy", ""},
		{"colour", ""},
		{strings.Repeat("name", 10_000), ""},
	}
	for _, tt := range tests {
		if got := DidYouMean(tt.word, keys); got != tt.want {
			t.Errorf("DidYouMean(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestQuote(t *testing.T) {
	tests := []struct{ give, want string }{
		{"web", `"web"`},
		{"a\x1b\u202e\"", `"a\x1b\u202e\""`},
		{strings.Repeat("é", 61), `"` + strings.Repeat("é", 60) + `"…`},
	}
	for _, tt := range tests {
		if got := Quote(tt.give); got != tt.want {
			t.Errorf("Quote(%q) = %s, want %s", tt.give, got, tt.want)
		}
	}
}
