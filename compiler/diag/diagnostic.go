// Package diag holds what the toolchain has to say about its inputs: each fault
// with a stable code, the place, what was expected there and how to mend it; and
// renders lists of them for people (text) and programs (JSON).
//
// A phase returns a List beside its result. It never prints, and it never stops
// at the first fault if it can go on.
package diag

// Severity tells whether a diagnostic refuses its input. The zero value is
// invalid, so that a forgotten field is found by the first test that meets it.
type Severity uint8

const (
	Error   Severity = iota + 1 // the input is refused
	Warning                     // the input is accepted
)

// String is the word that JSON output uses.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "invalid"
}

// Diagnostic is one fault. Texts are plain sentences without the place, which
// Subject gives. They may quote input (see Quote); the renderers escape what a
// terminal must not get.
type Diagnostic struct {
	Severity Severity
	Code     Code
	Summary  string    // the fault in one line: lower case, no full stop
	Detail   string    // what was expected, in sentences; may have several lines
	Hint     string    // the remedy, apart from the fault; may be empty
	Subject  Range     // what is wrong, as tight as possible
	Context  Range     // what a reader needs to see around it; zero: only the subject's line
	Related  []Related // other places that belong to the same fault
}

// Related is another place that a fault is about, such as the other end of a
// clash between two rooms.
type Related struct {
	Message string // lower case, no full stop: "first used here"
	Range   Range
}
