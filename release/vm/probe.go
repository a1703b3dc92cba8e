package vm

import (
	"strings"

	"github.com/anchor-os/anchor/release/lazyregexp"
)

// Probe is what a room reports of one thing that it did: a use of what its passport grants, or a try at the
// nearest thing that it does not.
type Probe struct {
	Grant   bool   // and not a neighbour
	Rule    string // of the passport, or what holds for every room: "tcp bind 8080"
	Act     string // "bind port 8081"
	Outcome string // the errno that a neighbour was refused with, such as "EACCES"; what is wrong; "" of a grant that worked
	Wrong   bool   // it is not as the passport says
}

// ruleWidth is how wide the column of the rules is (program/probe). A longer rule ends after it.
const ruleWidth = 20

var probeText = lazyregexp.New(`^(grant|deny) +(.+?) +(ok|\S+ as expected|WRONG: .*)$`)

// readProbe reads a line of a room's report.
func readProbe(text string) (p Probe, ok bool) {
	m := probeText.FindStringSubmatch(text)
	if m == nil {
		return Probe{}, false
	}
	p.Grant = m[1] == "grant"
	if len(m[2]) > ruleWidth && m[2][ruleWidth] == ' ' {
		p.Rule, p.Act = m[2][:ruleWidth], m[2][ruleWidth:]
	} else {
		p.Rule, p.Act, _ = strings.Cut(m[2], "  ")
	}
	p.Rule, p.Act = strings.TrimSpace(p.Rule), strings.TrimSpace(p.Act)
	if reason, wrong := strings.CutPrefix(m[3], "WRONG: "); wrong {
		p.Outcome, p.Wrong = reason, true
	} else if refusal, refused := strings.CutSuffix(m[3], " as expected"); refused {
		p.Outcome = refusal
	}
	return p, true
}
