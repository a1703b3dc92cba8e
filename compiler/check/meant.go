package check

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// spellings are ways in which things are written elsewhere. Each gives what a text is
// here, if it is written so.
var spellings = []func(*field, string) string{
	(*field).withUnit,
	func(_ *field, text string) string { return path.Clean("/" + text) },
	func(_ *field, text string) string { return dashes.Replace(strings.ToLower(strings.TrimSpace(text))) },
	func(_ *field, text string) string { return underscores.Replace(strings.ToUpper(text)) },
}

var (
	dashes      = strings.NewReplacer("_", "-", " ", "-", ".", "-")
	underscores = strings.NewReplacer("-", "_", " ", "_", ".", "_")
)

// prose has no form that one could guess at.
const prose = "Any text at all"

// didYouMean is the hint for a text that is not written as its key asks, "" if no other
// way to write it is right.
func (f *field) didYouMean(text string) string {
	if f.takes(prose) {
		return ""
	}
	for _, spelling := range spellings {
		if other := spelling(f, text); other != text && f.takes(other) {
			return "did you mean " + diag.Quote(other) + "?"
		}
	}
	return ""
}

// nameMeant is didYouMean for a key of a table whose keys have a form.
func (f *field) nameMeant(key string) string {
	for _, spelling := range spellings {
		if other := spelling(f, key); f.form.MatchString(other) {
			return "did you mean " + diag.Quote(other) + "?"
		}
	}
	return ""
}

// takes reports whether a text has the form that the schema asks for, and lies within
// its bounds.
func (f *field) takes(text string) bool {
	matches := func(form *regexp.Regexp) bool { return form.MatchString(text) }
	refuses := func(form *regexp.Regexp) bool { return !matches(form) }
	forms, not := f.forms()
	return len(forms) > 0 && !slices.ContainsFunc(forms, refuses) && !slices.ContainsFunc(not, matches) &&
		f.allows(&source.Value{Kind: source.String, Text: text})
}

// withUnit writes a number with the unit as it is written here.
func (f *field) withUnit(text string) string {
	if !f.hasUnit() {
		return text
	}
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	suffix := strings.TrimLeft(text, "0123456789")
	n, err := strconv.ParseUint(strings.TrimSuffix(text, suffix), 10, 40)
	if err != nil {
		return text
	}
	return f.limits.unit.elsewhere(n, suffix)
}

// elsewhere writes a number whose suffix is one that other programs take, in small
// letters. It is "" if that is none of them.
func (u unit) elsewhere(n uint64, suffix string) string {
	switch {
	case suffix == "h" && u[0].suffix == "ms":
		return u.format(n * 60 * u[len(u)-1].factor)
	case suffix == "" && u[0].suffix == "KiB" && n%u[0].factor == 0:
		return u.format(n)
	}
	for _, step := range u {
		if slices.Contains(written[step.suffix], suffix) {
			return strconv.FormatUint(n, 10) + step.suffix
		}
	}
	return ""
}

// written has how units are written elsewhere.
var written = map[string][]string{
	"KiB": {"k", "kb", "ki", "kib"},
	"MiB": {"m", "mb", "mi", "mib"},
	"GiB": {"g", "gb", "gi", "gib"},
	"TiB": {"t", "tb", "ti", "tib"},
	"ms":  {"ms", "msec"},
	"s":   {"s", "sec"},
	"min": {"m", "min"},
	"%":   {"", "%"},
}
