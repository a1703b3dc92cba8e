package hardening

import (
	"regexp"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// want reads what the rule demands: exactly one of the attributes named.
func (b *block) want(forms ...string) Want {
	var w Want
	given := ""
	for _, name := range forms {
		a := b.attribute(name)
		switch {
		case a == nil:
			continue
		case given != "":
			b.error(diag.RulesValue, b.reader.place(a.NameRange), "the rule says both %s and %s", given, name)
			continue
		}
		given = name
		w = b.form(name, a)
	}
	if given == "" {
		b.error(diag.RulesMissing, b.head(), "the rule does not say what it demands").
			Detail = "One of these says it: " + strings.Join(forms, ", ") + "."
	}
	return w
}

func (b *block) form(name string, a *hclsyntax.Attribute) Want {
	switch name {
	case "value":
		return b.exactly(a)
	case "values":
		return Want{Form: OneOf, Values: b.texts(name)}
	case "range":
		return b.between(a)
	case "form":
		return b.pattern(a)
	}
	b.flag(name)
	return Want{Form: map[string]Form{"flag": Flag, "off": Off, "absent": Absent}[name]}
}

// exactly takes a number for the number, however it is written, and a text to the
// byte.
func (b *block) exactly(a *hclsyntax.Attribute) Want {
	v := b.value(a)
	if n, ok := integer(v); ok {
		return Want{Form: Number, Min: n, Max: n}
	}
	s, ok := v.(string)
	if !ok || len(s) > maxText || strings.ContainsFunc(s, unprintable) {
		b.wrong(a, "a whole number or a line of printable characters")
	}
	return Want{Form: OneOf, Values: []string{s}}
}

func (b *block) between(a *hclsyntax.Attribute) Want {
	list, _ := b.value(a).([]any)
	if len(list) == 2 {
		low, first := integer(list[0])
		high, second := integer(list[1])
		if first && second && low < high {
			return Want{Form: Number, Min: low, Max: high}
		}
	}
	b.wrong(a, "a list of two whole numbers, the smaller first")
	return Want{Form: Number}
}

func (b *block) pattern(a *hclsyntax.Attribute) Want {
	s, _ := b.value(a).(string)
	w := Want{Form: Matches}
	var err error
	if w.Pattern, err = regexp.Compile(s); err != nil || !strings.HasPrefix(s, "^") || !strings.HasSuffix(s, "$") {
		b.wrong(a, "a regular expression from ^ to $")
		w.Pattern = regexp.MustCompile(`^$`)
	}
	return w
}
