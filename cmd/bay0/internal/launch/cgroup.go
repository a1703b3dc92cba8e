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
func makeCgroup(r blob.Room) (*os.File, error) {
	dir := cgroupOf(r)
	_ = os.Remove(dir) // of the last start; one that is there still fails the next step
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the cgroup: %w", err)
	}
	for i := range r.Cgroup().Len() {
		file, value := r.Cgroup().At(i)
		if err := set(dir+"/"+string(file), value); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(dir+"/cgroup.procs", os.O_WRONLY, 0)
	return f, sys.Cannot(err, "open the cgroup")
}

func set(file string, value []byte) error {
	if err := os.WriteFile(file, value, 0); err != nil {
		return fmt.Errorf("cannot set the limit: %w", err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot read the limit back: %w", err)
	}
	if got = bytes.TrimSuffix(got, []byte("\n")); !bytes.Equal(got, value) {
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
