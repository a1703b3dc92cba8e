// Package probe shows what a room is, from inside. A room's program uses each thing that its passport
// grants, tries the nearest thing that it does not grant, and reports both, a line each:
//
//	grant  tmpfs /tmp           write and read back 4096 bytes                       ok
//	deny   image /              create /probe                                        EROFS as expected
//	report: 1 grants used, 1 neighbours denied, 0 wrong
//
// What holds for every room is here, by what the room was granted (Room). What is a room's alone, its
// program adds.
package probe

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A Probe is one use of a thing that the passport grants, or one try at a thing that it does not.
type Probe struct {
	kind  string // grant or deny
	thing string // which part of the room
	act   string // what is done to it
	run   func() error
	want  []error // of a deny: the refusals that are right
}

const (
	grant = "grant"
	deny  = "deny"
)

// Refusals that are no errno.
var (
	ErrAbsent = errors.New("absent")
	ErrKilled = errors.New("killed")
)

// Grant is right when run succeeds.
func Grant(thing, act string, run func() error) Probe {
	return Probe{kind: grant, thing: thing, act: act, run: run}
}

// Deny is right when run fails, and with one of the errors of want.
func Deny(thing, act string, run func() error, want ...error) Probe {
	return Probe{kind: deny, thing: thing, act: act, run: run, want: want}
}

// Report runs the probes in order, writes a line for each and one for all, and counts the wrong ones.
func Report(w io.Writer, probes []Probe) (wrong int) {
	right := map[string]int{}
	for _, p := range probes {
		verdict, ok := p.judge(p.run())
		if ok {
			right[p.kind]++
		} else {
			wrong++
		}
		fmt.Fprintf(w, "%-6s %-20s %-52s %s\n", p.kind, p.thing, p.act, verdict)
	}
	fmt.Fprintf(w, "report: %d grants used, %d neighbours denied, %d wrong\n", right[grant], right[deny], wrong)
	return wrong
}

func (p Probe) judge(err error) (verdict string, ok bool) {
	switch {
	case p.kind == grant && err == nil:
		return "ok", true
	case p.kind == grant:
		return "WRONG: " + name(err), false
	case err == nil:
		return "WRONG: it went through, expected " + names(p.want), false
	case slices.ContainsFunc(p.want, func(want error) bool { return errors.Is(err, want) }):
		return name(err) + " as expected", true
	}
	return "WRONG: " + name(err) + ", expected " + names(p.want), false
}

// name is an errno's symbol, with what was said around it only if there is no errno in it.
func name(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

func names(errs []error) string {
	var all []string
	for _, err := range errs {
		all = append(all, name(err))
	}
	return strings.Join(all, " or ")
}
