package vm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadProbe(t *testing.T) {
	for text, want := range map[string]Probe{
		"grant  tcp bind 8080        listen                                               ok":                  {Grant: true, Rule: "tcp bind 8080", Act: "listen"},
		"deny   tcp bind 8080        bind port 8081                                       EACCES as expected":  {Rule: "tcp bind 8080", Act: "bind port 8081", Outcome: "EACCES"},
		"deny   tcp                  connect 80                                           WRONG: it is ok":     {Rule: "tcp", Act: "connect 80", Outcome: "it is ok", Wrong: true},
		"grant  tcp connect 65535 ab connect to 10.0.2.100:443                            WRONG: ECONNREFUSED": {Grant: true, Rule: "tcp connect 65535 ab", Act: "connect to 10.0.2.100:443", Outcome: "ECONNREFUSED", Wrong: true},
		"deny   tcp                  an act that is so long that there is one blank after it, no more EPERM as expected": {
			Rule: "tcp", Act: "an act that is so long that there is one blank after it, no more", Outcome: "EPERM"},
		"deny   a rule that is longer than its column connect EPERM as expected": {Rule: "a rule that is longer than its column connect", Outcome: "EPERM"},
		"grant  ok":           {},
		"granted: x ok":       {},
		"report: grant  x ok": {},
	} {
		got, ok := readProbe(text)
		if diff := cmp.Diff(want, got); diff != "" || ok != (want != Probe{}) {
			t.Errorf("%s: %v\n%s", text, ok, diff)
		}
	}
}
