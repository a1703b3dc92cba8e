package check

import (
	"cmp"

	"cuelang.org/go/cue"
)

// asked is what CUE's own constraints ask of a value, as far as a message has words
// for it. Taking it out of the schema costs as much as to compile the schema, and
// only a fault needs it: a field reads it when it is first asked for.
type asked struct {
	words     []string // the texts it can be, if these are listed
	low, high *int64   // bounds of a number
	most      int64    // entries of a list or table, characters of a text; 0: any number
	least     int64    // characters of a text
	forms     []string // regular expressions that a text matches, all of them
	not       []string // regular expressions that it does not match
	others    []string // texts that it cannot be
}

func readAsked(v cue.Value) (f asked) {
	f.read(v)
	return f
}

// read takes the listed texts and the bounds out of one constraint.
func (a *asked) read(v cue.Value) {
	op, args := v.Expr()
	switch op {
	case cue.AndOp, cue.OrOp:
		for _, arg := range args {
			a.read(arg)
		}
	case cue.GreaterThanEqualOp:
		a.low = integer(args[0])
	case cue.LessThanEqualOp:
		a.high = integer(args[0])
	case cue.RegexMatchOp:
		a.forms = append(a.forms, text(args[0])...)
	case cue.NotRegexMatchOp:
		a.not = append(a.not, text(args[0])...)
	case cue.NotEqualOp:
		a.others = append(a.others, text(args[0])...)
	case cue.CallOp:
		a.validator(args)
	default:
		if s, err := v.String(); err == nil {
			a.words = append(a.words, s)
		} else if n := integer(v); n != nil {
			a.low, a.high = n, n
		}
	}
}

// validator notes those of CUE's functions that a message has words for.
func (a *asked) validator(call []cue.Value) {
	_, function := call[0].Expr()
	name, _ := function[len(function)-1].String()
	switch name {
	case "MaxItems", "MaxFields", "MaxRunes":
		a.most = *cmp.Or(integer(call[1]), new(int64))
	case "MinRunes":
		a.least = *cmp.Or(integer(call[1]), new(int64))
	}
}

// text gives a text, none if the value is none.
func text(v cue.Value) []string {
	if s, err := v.String(); err == nil {
		return []string{s}
	}
	return nil
}

func integer(v cue.Value) *int64 {
	n, err := v.Int64()
	if err != nil {
		return nil
	}
	return &n
}
