package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What TOML writes is read as the same value, and Plain holds the same.
func TestValueAsTOML(t *testing.T) {
	tests := []struct {
		name, give, want string
		plain            any
	}{
		{"a string", `'say "a"'`, `"say \"a\""`, `say "a"`},
		{"escapes", `"\\ \t \n \u200d \U000e0001 ü"`, `"\\ \t \n \u200d \U000e0001 ü"`, "\\ \t \n \u200d \U000e0001 ü"},
		{"an integer", "0x10", "16", int64(16)},
		{"a fraction", "1.50", "1.5", 1.5},
		{"a boolean", "true", "true", true},
		{"a list", "[1, [], 'a']", `[1, [], "a"]`, []any{int64(1), []any{}, "a"}},
		{"a table", "{ a = 1, 'b c' = 2 }", `{ a = 1, "b c" = 2 }`, map[string]any{"a": int64(1), "b c": int64(2)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			read := func(text string) *Value {
				f, faults := Parse("f.toml", []byte("v = "+text+"\n"))
				if f == nil {
					t.Fatal(render(t, faults))
				}
				return f.Root.Find("v")
			}
			v := read(tt.give)
			if got := v.TOML(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if !read(tt.want).Equal(v) {
				t.Error("it is read as another value")
			}
			if diff := cmp.Diff(tt.plain, v.Plain()); diff != "" {
				t.Errorf("plain (-want +got)\n%s", diff)
			}
		})
	}
}
