package diag

import "fmt"

// Code names one kind of fault for good: a number is never given a new meaning
// and never used again. P01xx: files. P02xx: TOML. P03xx: the shape of one file.
// P04xx: rules within one room. P05xx: rules for the whole system.
type Code uint16

// String is the form that users see and search for: "P0301".
func (c Code) String() string { return fmt.Sprintf("P%04d", uint16(c)) }
