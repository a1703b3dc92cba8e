package invariant

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy/blob"
)

// sample are the three invariants of the conformance vector: /proc/modules absent,
// kptr_restrict 1 to 2, and a text for lockdown.
func sample(t *testing.T) (absent, number, text blob.Invariant) {
	t.Helper()
	vector, err := os.ReadFile("../../../../policy/blob/testdata/vectors/good.vector")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(vector), "\n\n")
	b, err := hex.DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	v, err := blob.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return v.Invariant(0), v.Invariant(1), v.Invariant(2)
}

func TestInvariantsAreJudged(t *testing.T) {
	absent, number, text := sample(t)
	const (
		modules  = "cannot accept /proc/modules: it is there, the policy wants it absent"
		kptr     = "cannot accept /proc/sys/kernel/kptr_restrict: "
		lockdown = "cannot accept /sys/kernel/security/lockdown: "
	)
	for name, c := range map[string]struct {
		of      blob.Invariant
		content string
		err     error
		want    string // "": held
	}{
		"absent":                {of: absent, err: fs.ErrNotExist},
		"there":                 {of: absent, want: modules},
		"there but secret":      {of: absent, err: fs.ErrPermission, want: modules},
		"least":                 {of: number, content: "1\n"},
		"most":                  {of: number, content: "2"},
		"too little":            {of: number, content: "0\n", want: kptr + `it is "0", the policy wants 1 to 2`},
		"too much":              {of: number, content: "3\n", want: kptr + `it is "3", the policy wants 1 to 2`},
		"two numbers":           {of: number, content: "1\n2\n", want: kptr + `it is "1\n2", the policy wants 1 to 2`},
		"no number":             {of: number, content: "\n", want: kptr + `it is "", the policy wants 1 to 2`},
		"number with blanks":    {of: number, content: " 1\n", want: kptr + `it is " 1", the policy wants 1 to 2`},
		"number not there":      {of: number, err: fs.ErrNotExist, want: kptr + "file does not exist"},
		"text":                  {of: text, content: "none integrity [confidentiality]\n"},
		"another text":          {of: text, content: "[none] integrity confidentiality\n", want: lockdown + `it is "[none] integrity confidentiality", the policy wants "none integrity [confidentiality]"`},
		"text and more":         {of: text, content: "none integrity [confidentiality]\n\n", want: lockdown + `it is "none integrity [confidentiality]\n", the policy wants "none integrity [confidentiality]"`},
		"text unreadable":       {of: text, err: errors.New("input/output error"), want: lockdown + "input/output error"},
		"lockdown is not there": {of: text, err: fs.ErrNotExist, want: lockdown + "file does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := judge(c.of, []byte(c.content), c.err); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
