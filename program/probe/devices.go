package probe

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// devices are the five that every room has, and those that the machine has besides.
func devices() []Probe {
	return []Probe{
		Grant("device null", "swallows what is written", func() error { return os.WriteFile("/dev/null", []byte("x"), 0) }),
		Grant("device zero", "reads as zeros", readZeros),
		Grant("device full", "is full", isFull),
		Grant("device random", "16 bytes", func() error { return readSome("/dev/random") }),
		Grant("device urandom", "16 bytes", func() error { return readSome("/dev/urandom") }),

		Deny("devices", "open /dev/kmsg", Open("/dev/kmsg", unix.O_RDONLY), unix.ENOENT),
		Deny("devices", "open /dev/console", Open("/dev/console", unix.O_RDWR), unix.ENOENT),
		Deny("devices", "open /dev/tty", Open("/dev/tty", unix.O_RDWR), unix.ENOENT),
		Deny("devices", "open /dev/watchdog", Open("/dev/watchdog", unix.O_WRONLY), unix.ENOENT),
		Deny("devices", "open /dev/vda", Open("/dev/vda", unix.O_RDONLY), unix.ENOENT),
		Deny("devices", "open /dev/loop0", Open("/dev/loop0", unix.O_RDONLY), unix.ENOENT),
		Deny("devices", "open /dev/tpm0", Open("/dev/tpm0", unix.O_RDWR), unix.ENOENT),
		// The directory is root's; where its mount is read-only too, that is found first.
		Deny("devices", "create /dev/probe", Create("/dev/probe"), unix.EROFS, unix.EACCES),
	}
}

func processes() []Probe {
	return []Probe{
		Grant("proc", "read /proc/self/status", func() error { return readSome("/proc/self/status") }),

		// subset=pid leaves processes only.
		Deny("proc", "read /proc/sys/kernel/hostname", Open("/proc/sys/kernel/hostname", unix.O_RDONLY), unix.ENOENT),
		Deny("proc", "read /proc/cmdline", Open("/proc/cmdline", unix.O_RDONLY), unix.ENOENT),
		Deny("proc", "read /proc/kallsyms", Open("/proc/kallsyms", unix.O_RDONLY), unix.ENOENT),
		Deny("proc", "read /proc/sysrq-trigger", Open("/proc/sysrq-trigger", unix.O_WRONLY), unix.ENOENT),
		Deny("proc", "another process than the room's", foreignProcesses, ErrAbsent),
	}
}

func readZeros() error {
	file, err := os.Open("/dev/zero")
	if err != nil {
		return err
	}
	defer file.Close()
	got := bytes.Repeat([]byte("x"), 16)
	if _, err := io.ReadFull(file, got); err != nil {
		return err
	}
	return equal(string(got), string(make([]byte, 16)))
}

func isFull() error {
	file, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write([]byte("x")); err == nil || name(err) != "ENOSPC" {
		return fmt.Errorf("found %v, expected ENOSPC", err)
	}
	return nil
}

func foreignProcesses() error {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	var foreign []string
	for _, entry := range entries {
		if n := entry.Name(); strings.Trim(n, "0123456789") == "" && n != "1" {
			foreign = append(foreign, n)
		}
	}
	return absent(foreign)
}
