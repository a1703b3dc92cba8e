package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// show says what the room is made of, as the room itself sees it: a line for each mount, and one for each
// file in the directories that Bay0 fills.
func show(string) error {
	if err := showMounts(); err != nil {
		return err
	}
	for _, directory := range []string{"/dev", "/run"} {
		if err := filepath.WalkDir(directory, showNode); err != nil {
			return err
		}
	}
	return nil
}

// showMounts says mount point, options and type of each mount (proc_pid_mountinfo(5)). The fields before
// the hyphen are as many as the kernel likes.
func showMounts() error {
	all, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(all)) {
		mount, fileSystem, _ := strings.Cut(line, " - ")
		fields := strings.Fields(mount)
		fmt.Println("mount", fields[4], fields[5], strings.Fields(fileSystem)[0])
	}
	return nil
}

// showNode says mode, owner, group and device number of a file (stat(2)).
func showNode(path string, entry fs.DirEntry, err error) error {
	if err != nil || entry.IsDir() {
		return err
	}
	var found unix.Stat_t
	if err := unix.Lstat(path, &found); err != nil {
		return err
	}
	fmt.Printf("node %s %06o %d:%d %d:%d\n", path, found.Mode, found.Uid, found.Gid, unix.Major(found.Rdev), unix.Minor(found.Rdev))
	return nil
}
