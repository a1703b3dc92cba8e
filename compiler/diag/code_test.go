package diag

import (
	"strings"
	"testing"
)

func TestEveryCodeHasATitle(t *testing.T) {
	groups := map[Code]Code{Unreadable: TooManyRooms, Syntax: ReadersDisagree, UnknownKey: RepeatedItem, NameNotDirectory: WatchdogWithoutNotify, NameTaken: PortTaken, RulesSyntax: BinaryOfOthers}
	total := 0
	for first, last := range groups {
		for c := first; c <= last; c++ {
			total++
			title := c.Title()
			if title == "" || strings.HasSuffix(title, ".") || strings.Contains(title, "\n") {
				t.Errorf("%v has the title %q", c, title)
			}
		}
	}
	if total != len(titles) {
		t.Errorf("%d codes but %d titles", total, len(titles))
	}
}
