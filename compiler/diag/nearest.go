package diag

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// nearestMax bounds the length of words that Nearest looks at: the distance
// takes time in proportion to both lengths, and nobody mistypes a long one.
const nearestMax = 64

// Nearest gives those candidates that a mistyped word most likely meant, sorted:
// all at the smallest edit distance, if that is at most a third of the word. Small letters
// and capitals are the same.
func Nearest(word string, candidates []string) []string {
	if len(word) > nearestMax {
		return nil
	}
	best := (len(word) + 2) / 3
	var found []string
	for _, c := range candidates {
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if d < best {
			best, found = d, nil
		}
		if d == best && d < len(c) {
			found = append(found, c)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// distance is the edit distance, where two neighbours that changed places count as
// one edit: the commonest slip of fingers.
func distance(a, b string) int {
	if len(a) == len(b) {
		for i := 1; i < len(a); i++ {
			if a[:i-1] == b[:i-1] && a[i-1] == b[i] && a[i] == b[i-1] && a[i+1:] == b[i+1:] {
				return 1
			}
		}
	}
	return levenshtein.Distance(a, b, nil)
}

// DidYouMean is the hint for a mistyped word: `did you mean "name"?`, or "" if no
// candidate is near.
func DidYouMean(word string, candidates []string) string {
	found := Nearest(word, candidates)
	if len(found) == 0 || len(found) > 3 {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", Or(found))
}

// Or lists words for a sentence: `"a", "b" or "c"`.
func Or(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
