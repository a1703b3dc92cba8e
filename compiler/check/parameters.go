package check

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// parameter is what a parameter of the kernel may be set to: nothing if it is a
// flag, else one of its values or what has its form.
type parameter struct {
	Flag    bool
	Values  []string
	Form    string
	Written string // how an author writes the form
	Reason  string
	form    func() (*regexp.Regexp, error) // of which few are ever asked for
}

// whole holds a parameter to its form. One that could be set in two ways, or in none, is
// a fault of the schema.
func (p *parameter) whole() error {
	ways := 0
	for _, way := range []bool{p.Flag, len(p.Values) > 0, p.Form != "" && p.Written != ""} {
		if way {
			ways++
		}
	}
	if ways != 1 || p.Reason == "" {
		return errors.New("a parameter has a reason, and a flag, values, or a form with how it is written")
	}
	p.form = sync.OnceValues(func() (*regexp.Regexp, error) { return regexp.Compile(p.Form) })
	return nil
}

// allows reports whether the parameter may have a value; given tells whether there
// is one, since a flag takes none and "quiet=" is none.
func (p *parameter) allows(value string, given bool) bool {
	switch {
	case p.Flag:
		return !given
	case p.Form != "":
		form, err := p.form()
		return given && err == nil && form.MatchString(value)
	}
	return given && slices.Contains(p.Values, value)
}

// expectation continues a sentence that begins with the parameter's name.
func (p *parameter) expectation() string {
	switch {
	case p.Flag:
		return "takes no value"
	case p.Form != "":
		return "is " + p.Written
	}
	return "can only be " + diag.Or(p.Values)
}

// commandLine judges the kernel's parameters by the lists in the schema.
func (l *language) commandLine(file *source.File) (faults diag.List) {
	line := file.Root.Find("kernel", "command-line")
	if line == nil {
		return nil
	}
	length := 0
	for _, v := range line.Items {
		length += len(v.Text) + 1
		if v.Kind == source.String {
			l.parameter(&faults, v)
		}
	}
	limit := l.system.root.at([]string{"kernel", "command-line"}).joined
	if limit > 0 && length > 0 && uint64(length-1) > limit {
		faults.Error(diag.CommandLineTooLong, line.Named(), fmt.Sprintf("the command line has %d bytes", length-1)).
			Detail = fmt.Sprintf("It has room for %d: the kernel takes 2047, of which the compiler needs the rest.", limit)
	}
	return faults
}

// parameter refuses whatever is not allowed by name and value. To the kernel, - and
// _ in a name are the same.
func (l *language) parameter(faults *diag.List, v *source.Value) {
	name, value, given := strings.Cut(v.Text, "=")
	if name != "--" {
		name = strings.ReplaceAll(name, "-", "_")
	}
	allowed, known := l.allowed[name]
	if known && allowed.allows(value, given) {
		return
	}
	d := faults.Error(diag.RefusedParameter, v.Range, "kernel parameter "+diag.Quote(v.Text)+" is refused")
	reason := l.reason(name)
	switch {
	case known:
		d.Detail = fmt.Sprintf("%s %s: %s.", name, allowed.expectation(), allowed.Reason)
	case reason != "":
		d.Detail = "Not allowed: " + reason + "."
	default:
		d.Detail = "It is not among the parameters that system.toml may give: what the machine needs is built into its kernel, and what a policy needs the compiler adds."
		d.Hint = diag.DidYouMean(name, slices.Collect(maps.Keys(l.allowed)))
	}
	if strings.Contains(v.Text, " ") {
		d.Hint = "write each parameter as an entry of its own"
	}
}

// reason tells why a parameter is refused, "" if the schema says nothing of it.
func (l *language) reason(name string) string {
	if reason, ok := l.refused[name]; ok {
		return reason
	}
	if prefix, _, dotted := strings.Cut(name, "."); dotted {
		return l.refused[prefix+"."]
	}
	return ""
}
