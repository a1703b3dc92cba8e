package boot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// foreign are the entries that somebody else puts there.
var foreign = []abi.Entry{
	// The kernel, into every initramfs before it unpacks the one that was signed
	// (kernel: usr/default_cpio_list). /dev, with the console in it, lies below the
	// mount of devtmpfs by now.
	{Path: "/root", Mode: unix.S_IFDIR | 0o700},
	// The boot stub, from the signed image itself. Below the same directory it packs
	// whatever it finds beside the image, on a partition that nobody signs
	// (systemd-stub(7)): no machine of ours needs any of that.
	{Path: "/.extra", Mode: unix.S_IFDIR | 0o555},
	{Path: "/.extra/os-release", Mode: unix.S_IFREG | 0o444}, // the section .osrel
}

// checkInitramfs wants the root to hold what the release put there, and nothing
// else. What is mounted on /dev is no part of it.
func checkInitramfs() error {
	found := map[string]bool{}
	err := fs.WalkDir(os.DirFS("/"), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		path := "/" + name
		found[path] = true
		if err := judgeEntry(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if path == "/dev" {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot accept the initramfs: %w", err)
	}
	for _, e := range abi.Initramfs {
		if !found[e.Path] {
			return fmt.Errorf("cannot accept the initramfs: %s: it is missing", e.Path)
		}
	}
	return nil
}

// judgeEntry compares one entry with what may stand at its path.
func judgeEntry(path string) error {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return err
	}
	want, ok := expected(path)
	switch {
	case !ok:
		return errors.New("nothing of that name belongs there")
	case st.Mode != want:
		return fmt.Errorf("it has mode 0o%o, want 0o%o", st.Mode, want)
	case st.Uid != 0 || st.Gid != 0:
		return fmt.Errorf("it belongs to %d:%d, not to root", st.Uid, st.Gid)
	case st.Mode&unix.S_IFMT == unix.S_IFREG && st.Nlink != 1:
		return fmt.Errorf("it has %d names", st.Nlink)
	}
	return nil
}

func expected(path string) (mode uint32, ok bool) {
	for _, e := range slices.Concat(abi.Initramfs, foreign) {
		if e.Path == path {
			return e.Mode, true
		}
	}
	// Whose image it is, is asked when they are mounted.
	return abi.ImageMode, strings.HasPrefix(path, abi.ImageDir+"/")
}
