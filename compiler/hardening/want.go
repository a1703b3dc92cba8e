package hardening

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Want is what a rule demands of a value. The zero value is invalid.
type Want struct {
	Form     Form
	Values   []string // of OneOf; may hold one
	Min, Max int64    // of Number
	Pattern  *regexp.Regexp
}

// Form is the way in which a value is judged.
type Form uint8

const (
	OneOf   Form = iota + 1 // it is one of Values, to the byte
	Number                  // it is a decimal number from Min to Max, written as numbers are: to the kernel 010 is 8
	Matches                 // Pattern matches it
	Flag                    // a parameter stands there without a value
	Off                     // an option is off: said to be, or hidden by what it depends on
	Absent                  // it is not there at all
)

// Allows reports whether a value that is there is as demanded. An option that is
// off has the value "n".
func (w Want) Allows(value string) bool {
	switch w.Form {
	case OneOf:
		return slices.Contains(w.Values, value)
	case Number:
		n, err := strconv.ParseInt(value, 10, 64)
		return err == nil && strconv.FormatInt(n, 10) == value && w.Min <= n && n <= w.Max
	case Matches:
		return w.Pattern.MatchString(value)
	case Off:
		return value == "n"
	}
	return false
}

// Missing reports whether it is as demanded that there is no value at all.
func (w Want) Missing() bool { return w.Form == Off || w.Form == Absent }

// String continues a sentence that says "want": `y`, `"auto"`, `a number from 1 to 4`.
func (w Want) String() string {
	switch w.Form {
	case OneOf:
		return or(w.Values)
	case Number:
		if w.Min == w.Max {
			return strconv.FormatInt(w.Min, 10)
		}
		return fmt.Sprintf("a number from %d to %d", w.Min, w.Max)
	case Matches:
		return "the form " + w.Pattern.String()
	case Flag:
		return "it without a value"
	case Off:
		return "it off"
	case Absent:
		return "it absent"
	}
	return "nothing"
}

// or lists values: y, m and n as a configuration has them, texts in quotes.
func or(values []string) string {
	for _, v := range values {
		if v != "y" && v != "m" && v != "n" {
			return diag.Or(values)
		}
	}
	return strings.Join(values, " or ")
}

// exact gives the only value that is allowed, if there is but one.
func (w Want) exact() (string, bool) {
	switch {
	case w.Form == OneOf && len(w.Values) == 1:
		return w.Values[0], true
	case w.Form == Number && w.Min == w.Max:
		return strconv.FormatInt(w.Min, 10), true
	}
	return "", false
}

// wordless is what would end a parameter of the command line or change its meaning.
func wordless(value string) bool { return value == "" || strings.ContainsAny(value, " \t\n\"") }
