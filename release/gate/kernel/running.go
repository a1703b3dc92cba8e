package kernel

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
)

const maxRunning = 4 << 10 // bytes of a sysctl or another file of the running kernel

// running judges a file of the running kernel as Bay0 does: by its text with at
// most one line feed at its end.
func (j *judge) running(r hardening.Rule, file string, want hardening.Want, code diag.Code) diag.List {
	text, err := readLimited(j.Running, file[1:], maxRunning)
	source := diag.NewSource(below(j.Root, file), text)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case missing && want.Missing():
		return nil
	case want.Missing(): // it may be a directory, or not for us to read
		return diag.List{finding(r, code, whole(source), fmt.Sprintf("%s is there, want %s", r.Name, want))}
	case missing:
		return diag.List{finding(r, code, whole(source), fmt.Sprintf("%s is missing, want %s", r.Name, want))}
	case err != nil:
		return diag.List{finding(r, code, whole(source), fmt.Sprintf("cannot read %s: %v", r.Name, err))}
	}
	value := strings.TrimSuffix(string(text), "\n")
	if want.Allows(value) {
		return nil
	}
	return diag.List{finding(r, code, source.Range(0, len(value)), fmt.Sprintf("%s is %s, want %s", r.Name, diag.Quote(value), want))}
}

// below names a file of the machine whose root is a directory; an empty one is /.
func below(root, file string) string { return path.Join(cmp.Or(root, "/"), file) }

// Running reads what a running kernel tells of itself below proc: its command line
// and, if it was built with IKCONFIG_PROC, its configuration. A configuration that
// is not there is nil. Messages call the directory that root is by its name.
func Running(root fs.FS, name string) (*Config, *CommandLine, diag.List) {
	const cmdline, config = "proc/cmdline", "proc/config.gz"
	text, err := readLimited(root, cmdline, MaxCommandLine+2)
	if err != nil {
		return nil, nil, unreadable(below(name, cmdline), err)
	}
	line, faults := ReadCommandLine(below(name, cmdline), text)
	packed, err := readLimited(root, config, MaxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, line, faults
	}
	if err == nil {
		text, err = unpack(packed)
	}
	if err != nil {
		return nil, line, append(faults, unreadable(below(name, config), err)...)
	}
	c, more := ReadConfig(below(name, config), text)
	return c, line, append(faults, more...)
}

func unreadable(name string, err error) (faults diag.List) {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	faults.Error(diag.Unreadable, diag.NewSource(name, nil).Whole(), fmt.Sprintf("cannot read %s: %v", name, err))
	return faults
}

// readLimited reads a file of at most limit bytes; files of /proc have no size.
func readLimited(root fs.FS, name string, limit int64) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("it has more than %d bytes", limit)
	}
	return text, err
}

func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, MaxConfig+1))
}
