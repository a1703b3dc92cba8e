package nixconf

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
)

// Version is the Nix whose defaults count.
const Version = "2.26"

// Allowed is what the project has of its own.
type Allowed struct {
	Caches []string // URLs
	Keys   []string // as in trusted-public-keys
}

// Judge holds the settings against all rules.
func (s *Settings) Judge(a Allowed) (faults diag.List) {
	for _, r := range rules {
		if r.want == shell && !s.shown {
			r.want = empty // no file brings what Nix was built with
		}
		value, given := s.given[r.name]
		if !given {
			value.words = r.defaults()
		}
		wrong, bad := r.wrong(value.words, a)
		if !wrong {
			continue
		}
		faults = append(faults, s.finding(r, value, bad))
	}
	return faults
}

// Count is how many rules there are.
func Count() int { return len(rules) }

// wrong tells whether words break the rule, and which of them, if it is one.
func (r *Rule) wrong(words []word, a Allowed) (bool, *word) {
	switch r.want {
	case equal:
		return len(words) != 1 || !slices.Contains(r.values, words[0].text), nil
	case empty:
		return len(words) > 0, nil
	}
	i := slices.IndexFunc(words, func(w word) bool { return !r.allows(w.text, a) })
	if i < 0 {
		return false, nil
	}
	return true, &words[i]
}

// allows judges one word of a list.
func (r *Rule) allows(text string, a Allowed) bool {
	switch r.want {
	case only:
		return slices.Contains(r.values, text)
	case without:
		return !slices.Contains(r.values, text)
	case shell:
		_, program, _ := strings.Cut(text, "=")
		return slices.Contains(r.values, text) || shellPath.MatchString(text) && path.Clean(program) == program // no .. to somewhere else
	case keys:
		return slices.Contains(a.Keys, text)
	}
	same := func(cache string) bool { return strings.TrimSuffix(cache, "/") == strings.TrimSuffix(text, "/") }
	return slices.ContainsFunc(a.Caches, same) && !strings.Contains(text, "trusted=") // which would do without signatures
}

func (s *Settings) finding(r Rule, value setting, bad *word) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: diag.SettingWrong, Subject: value.place, Hint: r.remedy()}
	if r.warn {
		d.Severity = diag.Warning
	}
	var texts []string
	for _, w := range value.words {
		texts = append(texts, w.text)
	}
	switch is := strings.Join(texts, " "); {
	case !value.place.Valid():
		d.Subject = diag.NewSource(s.Source.Name, nil).Whole()
		d.Summary = fmt.Sprintf("%s is not set, and Nix's default is %s", r.name, diag.Quote(is))
	case bad != nil && bad.place.Valid():
		d.Subject = bad.place
		d.Summary = fmt.Sprintf("%s names %s", r.name, diag.Quote(bad.text))
	case bad != nil:
		d.Summary = fmt.Sprintf("%s adds to Nix's default, which names %s", r.name, diag.Quote(bad.text))
	default:
		d.Summary = fmt.Sprintf("%s is %s", r.name, diag.Quote(is))
	}
	d.Detail = fmt.Sprintf("%s (%s).", upper(r.reason), r.source)
	return d
}

func upper(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(c)) + s[n:]
}

// remedy is the line that keeps the rule.
func (r *Rule) remedy() string {
	switch r.want {
	case equal, only:
		return fmt.Sprintf("write %s = %s", r.name, r.values[0])
	case without:
		return fmt.Sprintf("take %s out of %s", strings.Join(r.values, " and "), r.name)
	case caches:
		return fmt.Sprintf("write %s with nothing behind the =, or name the project's own cache by --allow-cache", r.name)
	case keys:
		return fmt.Sprintf("write %s with nothing behind the =, or name the project's own key by --allow-key", r.name)
	}
	return fmt.Sprintf("write %s with nothing behind the =", r.name)
}

// Defaults gives the words of Nix's default for each setting that a rule judges.
func Defaults() map[string][]string {
	all := map[string][]string{}
	for _, r := range rules {
		all[r.name] = r.normal
	}
	return all
}
