package main

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestReport(t *testing.T) {
	gives := func(err error) func() error { return func() error { return err } }
	wrapped := &os.PathError{Op: "open", Path: "/x", Err: unix.EROFS}
	var out bytes.Buffer
	wrong := report(&out, []probe{
		granted("tmpfs /tmp", "works", gives(nil)),
		granted("tmpfs /tmp", "does not work", gives(wrapped)),
		denied("image /", "refused", gives(wrapped), unix.EROFS),
		denied("image /", "refused in one of two ways", gives(unix.EACCES), unix.EROFS, unix.EACCES),
		denied("image /", "refused in another way", gives(unix.ENOENT), unix.EROFS, unix.EACCES),
		denied("image /", "not refused", gives(nil), unix.EROFS),
		denied("descriptors", "not there", gives(errAbsent), errAbsent),
		denied("descriptors", "there", gives(fmt.Errorf("found 7")), errAbsent),
	})
	const want = `grant  tmpfs /tmp           works                                                ok
grant  tmpfs /tmp           does not work                                        WRONG: EROFS
deny   image /              refused                                              EROFS as expected
deny   image /              refused in one of two ways                           EACCES as expected
deny   image /              refused in another way                               WRONG: ENOENT, expected EROFS or EACCES
deny   image /              not refused                                          WRONG: it went through, expected EROFS
deny   descriptors          not there                                            absent as expected
deny   descriptors          there                                                WRONG: found 7, expected absent
report: 1 grants used, 3 neighbours denied, 4 wrong
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if wrong != 4 {
		t.Errorf("%d wrong, expected 4", wrong)
	}
}

// Each probe has a line of its own, and a deny says how it expects to be refused.
func TestProbesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, group := range [][]probe{identity(nil), files(), network(), system(), resources()} {
		for _, p := range group {
			line := p.kind + " " + p.thing + " " + p.act
			if seen[line] {
				t.Errorf("twice: %s", line)
			}
			seen[line] = true
			if (p.kind == deny) != (len(p.want) > 0) {
				t.Errorf("%s: expects %v", line, p.want)
			}
		}
	}
}
