package probe

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestReport(t *testing.T) {
	gives := func(err error) func() error { return func() error { return err } }
	wrapped := &os.PathError{Op: "open", Path: "/x", Err: unix.EROFS}
	var out bytes.Buffer
	wrong := Report(&out, []Probe{
		Grant("tmpfs /tmp", "works", gives(nil)),
		Grant("tmpfs /tmp", "does not work", gives(wrapped)),
		Deny("image /", "refused", gives(wrapped), unix.EROFS),
		Deny("image /", "refused in one of two ways", gives(unix.EACCES), unix.EROFS, unix.EACCES),
		Deny("image /", "refused in another way", gives(unix.ENOENT), unix.EROFS, unix.EACCES),
		Deny("image /", "not refused", gives(nil), unix.EROFS),
		Deny("descriptors", "not there", gives(ErrAbsent), ErrAbsent),
		Deny("descriptors", "there", gives(fmt.Errorf("found 7")), ErrAbsent),
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
	room := Room{Name: "x", ID: 10001, Exec: []string{"/bin/x"}, Tmpfs: Tmpfs{"/tmp", 1 << 20}, Memory: 1 << 20, Tasks: 16, Files: 16}
	seen := map[string]bool{}
	for _, group := range [][]Probe{room.Essentials(nil), room.Exhaustive(), NoNetwork(), Families()} {
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
	if len(seen) < 120 {
		t.Errorf("only %d probes", len(seen))
	}
}

func TestForeignDescriptors(t *testing.T) {
	for name, c := range map[string]struct {
		sockets int
		open    []string
		want    string
	}{
		"standard ones":                {0, []string{"0 /dev/null", "1 pipe:[1]", "2 pipe:[1]"}, "absent"},
		"a socket that is provided":    {1, []string{"0 /dev/null", "3 socket:[5]"}, "absent"},
		"a socket that is not":         {0, []string{"3 socket:[5]"}, "found 3 socket:[5]"},
		"one socket more":              {1, []string{"3 socket:[5]", "4 socket:[6]"}, "found 4 socket:[6]"},
		"a file where a socket should": {1, []string{"3 /.passports"}, "found 3 /.passports"},
		"a list that cannot be read":   {0, []string{"open /proc/self/fd: permission denied"}, "found open /proc/self/fd: permission denied"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Room{Sockets: c.sockets}.foreignDescriptors(c.open).Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestForkEndsWhatItMade(t *testing.T) {
	if err := fork(3); err != nil {
		t.Fatal(err)
	}
	if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("a child is left: %d, %v", pid, err)
	}
}

func TestEatInChild(t *testing.T) {
	if err := eatInChild(1 << 20); err != nil {
		t.Errorf("1 MiB: %v", err)
	}
	if err := eatInChild(0); err != unix.EINVAL {
		t.Errorf("nothing: %v, expected %v", err, unix.EINVAL)
	}
	if err := eatInChild(1 << 60); err != unix.ENOMEM {
		t.Errorf("more than there are addresses: %v, expected %v", err, unix.ENOMEM)
	}
}

func TestRunFileGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	if err := RunFile(path)(); err != unix.ENOEXEC {
		t.Errorf("outside of a room: %v, expected %v", err, unix.ENOEXEC)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// The limit here is the test's own.
func TestOpenTooMany(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := openTooMany(int(limit.Cur)); err != unix.EMFILE {
		t.Errorf("at the limit: %v, expected %v", err, unix.EMFILE)
	}
	if err := openTooMany(64); err != nil {
		t.Errorf("below the limit: %v", err)
	}
	over := fmt.Sprintf("cannot open descriptor %d: invalid argument", limit.Cur)
	if err := openTooMany(int(limit.Cur) + 1); err == nil || err.Error() != over {
		t.Errorf("above the limit: %v, expected %s", err, over)
	}
}
