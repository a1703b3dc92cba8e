package source

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
)

// checkBytes refuses what is no text. Each kind of fault is reported once, at its
// first place.
func checkBytes(src *diag.Source) (faults diag.List) {
	if bytes.HasPrefix(src.Text, []byte("\uFEFF")) {
		d := faults.Error(diag.ByteOrderMark, src.Range(0, 3), "the file begins with a byte order mark")
		d.Hint = "save the file as UTF-8 without a byte order mark"
	}
	if i := invalidUTF8(src.Text); i >= 0 {
		d := faults.Error(diag.NotUTF8, src.Range(i, i+1), fmt.Sprintf("byte 0x%02x is not UTF-8", src.Text[i]))
		d.Detail = "A TOML file is UTF-8 text."
	}
	if i := bytes.IndexFunc(src.Text, isControl); i >= 0 {
		d := faults.Error(diag.ControlCharacter, src.Range(i, i+1), fmt.Sprintf("control character %U", rune(src.Text[i])))
		d.Detail = `Only tabs and line ends may stand in a file as they are; in a string write an escape such as "\u001b".`
	}
	if i := bytes.IndexFunc(src.Text, isHidden); i > 0 || i == 0 && len(faults) == 0 {
		r, n := utf8.DecodeRune(src.Text[i:])
		d := faults.Error(diag.ControlCharacter, src.Range(i, i+n), fmt.Sprintf("character %U does not show", r))
		d.Detail = `Such characters change the order of what stands around them, or make two names look alike (CVE-2021-42574). ` +
			`Where a string needs one, write an escape such as "\u200d".`
	}
	return faults
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
}

// isHidden knows format characters, such as those for writing from right to left, the
// control characters beyond ASCII, and the two line ends that no editor counts.
func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r >= 0x80 && r <= 0x9f
}
