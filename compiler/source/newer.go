package source

import (
	"bytes"

	"github.com/anchor-os/anchor/compiler/diag"
)

// The language is TOML 1.0. Both readers take what TOML 1.1 adds as well: longer
// inline tables and two escapes (and times without seconds, which are refused as
// times). A file that an older reader refuses, or whoever reviews it with one, is no
// passport, so these forms are refused here.

func (s *structure) newer(at diag.Range, what, hint string) {
	d := s.faults.Error(diag.Syntax, at, what+" is not TOML 1.0")
	d.Detail = "Passports are TOML 1.0, which all readers understand alike; what TOML 1.1 adds is refused."
	d.Hint = hint
}

// between looks at what stands before a member of an inline table, or behind the
// last one.
func (s *structure) between(from, to int, last bool) {
	text := s.src.Text[from:to]
	if i := bytes.IndexAny(text, "#\n"); i >= 0 {
		s.newer(s.src.Range(from+i, from+i+1), "a line break in an inline table", "write the inline table on one line, or a table with a header")
		return
	}
	if i := bytes.IndexByte(text, ','); i >= 0 && last {
		s.newer(s.src.Range(from+i, from+i+1), "a comma at the end of an inline table", "remove the comma")
	}
}

// escapes looks at the escapes of a string or key as it is written.
func (s *structure) escapes(at diag.Range) {
	text := at.Text()
	if text == "" || text[0] != '"' {
		return
	}
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if text[i] == 'e' || text[i] == 'x' {
			found := s.src.Range(at.Start+i-1, at.Start+i+1)
			s.newer(found, "the escape "+found.Text(), `write the character's number with four digits, such as "\u001b"`)
		}
	}
}
