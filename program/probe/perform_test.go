package probe

import (
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// A few on this machine, which is no room: an outcome is a word.
func TestPerform(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		kind string
		args []string
		want string
	}{
		"what is not known":    {"dance", nil, "there is no act dance"},
		"what works":           {"open", []string{"/dev/null", "rw"}, "ok"},
		"what is not there":    {"open", []string{"/dev/nothing", "r"}, "ENOENT"},
		"a file":               {"create", []string{filepath.Join(dir, "file")}, "ok"},
		"a link":               {"symlink", []string{filepath.Join(dir, "link")}, "ok"},
		"a move":               {"rename", []string{dir}, "ok"},
		"a file made empty":    {"truncate", []string{filepath.Join(dir, "long")}, "ok"},
		"a socket":             {"bind", []string{filepath.Join(dir, "socket")}, "ok"},
		"a call":               {"call", []string{"close", call(unix.SYS_CLOSE), "0xffffffffffffffff"}, "EBADF"},
		"no arguments at all":  {"open", nil, "ENOENT"},
		"a call in a child":    {"killed call", []string{"close", call(unix.SYS_CLOSE), "0xffffffffffffffff"}, "EBADF"},
		"calls by number":      {"sweep", []string{"5000-5002,6000", "ENOSYS"}, "ok"},
		"calls that are other": {"sweep", []string{"5000", "EPERM"}, `number 5000 gives "ENOSYS", expected EPERM`},
		"a family too many":    {"socket", []string{"46", "1", "0"}, "EAFNOSUPPORT"},
		"no socket":            {"inherited", []string{"0", "1"}, "ENOTSOCK"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (Performer{}).Perform(c.kind, c.args); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func call(number int) string { return strconv.Itoa(number) }
