package launch

import (
	"bytes"
	"fmt"
	"os"

	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

const cgroupRoot = "/sys/fs/cgroup"

// EnableControllers lets rooms have limits on what the language can limit.
func EnableControllers() error {
	err := os.WriteFile(cgroupRoot+"/cgroup.subtree_control", []byte("+cpu +memory +pids"), 0)
	if err != nil {
		return fmt.Errorf("cannot enable the cgroup controllers: %w", err)
	}
	return nil
}

// makeCgroup makes the room's cgroup with its limits and returns it open. Every
// limit is read back: a write that the kernel took but did not keep would leave
// the room without it (CVE-2020-27352).
func makeCgroup(r blob.Room) (int, error) {
	dir := cgroupRoot + "/" + string(r.Name())
	if err := os.Mkdir(dir, 0o755); err != nil {
		return -1, fmt.Errorf("cannot make the cgroup: %w", err)
	}
	for i := range r.Cgroup().Len() {
		file, value := r.Cgroup().At(i)
		if err := set(dir+"/"+string(file), value); err != nil {
			return -1, err
		}
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("cannot open the cgroup: %w", err)
	}
	return fd, nil
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

// Kill ends every process of the room (kernel: cgroup-v2.rst, cgroup.kill). A
// room whose cgroup was never made has none.
func Kill(r blob.Room) error {
	err := os.WriteFile(cgroupRoot+"/"+string(r.Name())+"/cgroup.kill", []byte("1"), 0)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("cannot kill room %s: %w", r.Name(), err)
	}
	return nil
}
