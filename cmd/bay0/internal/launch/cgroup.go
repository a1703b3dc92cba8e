package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

const cgroupRoot = "/sys/fs/cgroup"

func cgroupOf(r blob.Room) string { return cgroupRoot + "/" + string(r.Name()) }

// enableControllers lets rooms have limits on what the language can limit.
func enableControllers() error {
	err := os.WriteFile(cgroupRoot+"/cgroup.subtree_control", []byte("+cpu +memory +pids"), 0)
	return sys.Cannot(err, "enable the cgroup controllers")
}

// makeCgroup makes the room's cgroup anew, with its limits, and returns what a
// process writes to in order to join it (cgroup.procs).
// Every limit is read back: a write that the kernel took but did not keep would
// leave the room without it (CVE-2020-27352).
func makeCgroup(r blob.Room) (procs int, err error) {
	dir := cgroupOf(r)
	_ = os.Remove(dir) // of the last start; one that is there still fails the next step
	if err := os.Mkdir(dir, 0o755); err != nil {
		return -1, fmt.Errorf("cannot make the cgroup: %w", err)
	}
	for i := range r.Cgroup().Len() {
		file, value := r.Cgroup().At(i)
		if err := set(dir+"/"+string(file), value); err != nil {
			return -1, err
		}
	}
	procs, err = unix.Open(dir+"/cgroup.procs", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	return procs, sys.Cannot(err, "open the cgroup")
}

// set does with four system calls what package os needs a dozen for, which has the
// runtime's poller watch each file: a room has many limits.
func set(file string, value []byte) error {
	fd, err := unix.Open(file, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return sys.Cannot(err, "open the limit %s", file)
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, value); err != nil {
		return sys.Cannot(err, "set the limit %s to %q", file, value)
	}
	got := make([]byte, len(value)+16) // one that is longer is another
	n, _ := unix.Pread(fd, got, 0)     // an error leaves nothing that could be the same
	if got = bytes.TrimSuffix(got[:max(n, 0)], []byte("\n")); !bytes.Equal(got, value) {
		return fmt.Errorf("cannot set the limit %s to %q: it reads %q", file, value, got)
	}
	return nil
}

// Kill ends every process of the room at once, so that none can outrun it
// (kernel: cgroup-v2.rst, cgroup.kill). A room whose cgroup was never made has
// none.
func Kill(r blob.Room) error {
	err := os.WriteFile(cgroupOf(r)+"/cgroup.kill", []byte("1"), 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot kill room %s: %w", r.Name(), err)
	}
	return nil
}

// Memory is what the room uses now, in KiB (memory.current); 0 if nobody knows.
func Memory(r blob.Room) uint64 {
	b, _ := os.ReadFile(cgroupOf(r) + "/memory.current")
	n, _ := strconv.ParseUint(string(bytes.TrimSuffix(b, []byte("\n"))), 10, 64)
	return n / 1024
}
