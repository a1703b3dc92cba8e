package nixlang

import "slices"

// Binding is one name of an attribute set with its value.
type Binding struct {
	Path        []string // "" for a part that is computed
	First       int      // the token at which the name begins
	From, To    int      // the tokens of the value, the last included; From 0 if it is inherited
	Inherits    bool
	FromOutside bool // inherited of an expression in brackets
}

// Set gives the bindings of the attribute set that opens at a token; false if what is
// there is none, but the head of a function, or something else in braces.
func (f *File) Set(open int) ([]Binding, bool) {
	if !f.At(open).Is(Open, "{") || f.IsHead(open) {
		return nil, false
	}
	var all []Binding
	end := f.At(open).Match
	for i := open + 1; i < end; {
		more, next, ok := f.binding(i, end)
		if !ok {
			return nil, false
		}
		all = append(all, more...)
		i = next
	}
	return all, true
}

// binding reads one binding, or one inherit, and gives the token behind its semicolon.
func (f *File) binding(i, end int) (all []Binding, next int, ok bool) {
	if f.At(i).Is(Ident, "inherit") {
		return f.inherit(i, end)
	}
	b := Binding{First: i}
	for {
		name, after, ok := f.name(i)
		if !ok {
			return nil, 0, false
		}
		b.Path = append(b.Path, name)
		if i = after; !f.At(i).Is(Operator, ".") {
			break
		}
		i++
	}
	stop := f.stop(i+1, end)
	if !f.At(i).Is(Operator, "=") || stop < 0 || stop == i+1 {
		return nil, 0, false
	}
	b.From, b.To = i+1, stop-1
	return []Binding{b}, stop + 1, true
}

// name reads one part of an attribute path. Nix takes ${"x"} for x, and so does this.
func (f *File) name(i int) (name string, next int, ok bool) {
	switch t := f.At(i); {
	case t.Kind == Ident:
		return t.Text, i + 1, true
	case t.Is(Open, "${"), t.Is(Open, `"`):
		name, _ = f.Literal(i)
		return name, t.Match + 1, true
	}
	return "", 0, false
}

func (f *File) inherit(i, end int) (all []Binding, next int, ok bool) {
	i++
	outside := f.At(i).Is(Open, "(")
	if outside {
		i = f.At(i).Match + 1
	}
	for i < end && !f.At(i).Is(Operator, ";") {
		name, after, ok := f.name(i)
		if !ok {
			return nil, 0, false
		}
		all = append(all, Binding{Path: []string{name}, First: i, Inherits: true, FromOutside: outside})
		i = after
	}
	return all, i + 1, i < end
}

// stop finds the semicolon that ends a value: not one of with or assert, nor one
// between let and in.
func (f *File) stop(i, end int) int {
	var within []string
	for ; i < end; i = f.End(i) + 1 {
		t := f.At(i)
		switch {
		case t.Kind == Ident && slices.Contains([]string{"let", "with", "assert"}, t.Text) && !f.At(i-1).Is(Operator, "."):
			within = append(within, t.Text)
		case t.Is(Ident, "in"):
			for n := len(within) - 1; n >= 0; n-- {
				top := within[n]
				if within = within[:n]; top == "let" {
					break
				}
			}
		case !t.Is(Operator, ";"):
		case len(within) == 0:
			return i
		case within[len(within)-1] != "let":
			within = within[:len(within)-1]
		}
	}
	return -1
}

// IsHead reports whether the brace that opens at a token is the head of a function.
func (f *File) IsHead(open int) bool {
	if !f.At(open).Is(Open, "{") {
		return false
	}
	behind := f.At(f.At(open).Match + 1)
	return behind.Is(Operator, ":") || behind.Is(Operator, "@") || f.At(open-1).Is(Operator, "@")
}

// Formals gives the names of a function's head, by the tokens at which they stand.
func (f *File) Formals(open int) (names []int) {
	for i := open + 1; i < f.At(open).Match; i = f.End(i) + 1 {
		if before := f.At(i - 1); f.At(i).Kind == Ident && (i == open+1 || before.Is(Operator, ",")) {
			names = append(names, i)
		}
	}
	return names
}
