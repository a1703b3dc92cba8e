package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// List is what a phase found. Its order does not matter: renderers sort.
type List []Diagnostic

// Error appends an error of which the caller fills in the rest through the
// returned pointer. It is valid until the next append.
func (l *List) Error(code Code, subject Range, summary string) *Diagnostic {
	*l = append(*l, Diagnostic{Severity: Error, Code: code, Summary: summary, Subject: subject})
	return &(*l)[len(*l)-1]
}

// HasErrors reports whether anything in the list refuses the input.
func (l List) HasErrors() bool { return l.count(Error) > 0 }

func (l List) count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// Sorted gives the list by file, place and code, without repetitions.
func (l List) Sorted() List {
	sorted := slices.Clone(l)
	slices.SortStableFunc(sorted, compare)
	return slices.CompactFunc(sorted, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		a.Subject.compare(b.Subject),
		cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Summary, b.Summary),
		cmp.Compare(a.Detail, b.Detail),
	)
}

// Counts tells in one line how much there is: "2 errors and 1 warning in 1 file".
// An empty list gives "no faults".
func (l List) Counts() string {
	l = l.Sorted()
	files := map[string]bool{}
	for _, d := range l {
		if name := d.Subject.Name(); name != "" {
			files[name] = true
		}
	}
	errors, warnings := count(l.count(Error), "error"), count(l.count(Warning), "warning")
	var what string
	switch {
	case len(l) == 0:
		return "no faults"
	case l.count(Warning) == 0:
		what = errors
	case l.count(Error) == 0:
		what = warnings
	default:
		what = errors + " and " + warnings
	}
	if len(files) == 0 {
		return what
	}
	return what + " in " + count(len(files), "file")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
