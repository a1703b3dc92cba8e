package boot

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// kernelEntries are what the kernel itself puts into every initramfs before it
// unpacks the one that was signed (kernel: usr/default_cpio_list). /dev, with the
// console in it, lies below the mount of devtmpfs by now.
var kernelEntries = []abi.Entry{{Path: "/root", Mode: unix.S_IFDIR | 0o700}}

// stubEntries are what the boot stub packs from the signed image itself. Below the
// same directory it packs whatever it finds beside the image, on a partition that
// nobody signs (systemd-stub(7)): no machine of ours needs any of that.
var stubEntries = []abi.Entry{
	{Path: "/.extra", Mode: unix.S_IFDIR | 0o555},
	{Path: "/.extra/os-release", Mode: unix.S_IFREG | 0o444}, // the section .osrel
}

// checkInitramfs wants the root to hold what the release put there, and nothing
// else.
func checkInitramfs() error {
	found := map[string]bool{}
	err := walk("/", func(path string, st unix.Stat_t) error {
		found[path] = true
		return judgeEntry(path, st)
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

// walk visits what is below a directory, in order, but for what is mounted on /dev.
func walk(dir string, visit func(path string, st unix.Stat_t) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := dir + e.Name()
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := visit(path, st); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if st.Mode&unix.S_IFMT == unix.S_IFDIR && path != "/dev" {
			if err := walk(path+"/", visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgeEntry compares one entry with what may stand at its path.
func judgeEntry(path string, st unix.Stat_t) error {
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
	for _, list := range [][]abi.Entry{abi.Initramfs, kernelEntries, stubEntries} {
		for _, e := range list {
			if e.Path == path {
				return e.Mode, true
			}
		}
	}
	// Whose image it is, is asked when they are mounted.
	return abi.ImageMode, strings.HasPrefix(path, abi.ImageDir+"/")
}
