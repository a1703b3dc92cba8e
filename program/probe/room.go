package probe

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Room is what a room was granted, as far as every room is: its passport in the words of its program.
type Room struct {
	Name        string   // and hostname
	ID          int      // user and group
	Exec        []string // the program and its arguments
	Environment []string // KEY=value, sorted, with what Bay0 adds
	Channels    int      // sockets of other rooms, and devices of its own: a group each
	Sockets     int      // sockets that it provides: descriptors from 3 on
	Mounts      []string // where it has file systems besides /, /dev, /proc and /run
	Tmpfs       Tmpfs    // that it may write to, one of Mounts
	Memory      int      // bytes
	Tasks       int      // processes and threads
	Files       int      // open ones
}

// Tmpfs is a file system in memory; none without a path.
type Tmpfs struct {
	Path string
	Size int // bytes
}

// Begin comes first in main. In a child that a probe has started it does not return. As root it ends the
// program: there the probes would go through. Otherwise it returns the descriptors found open, to be handed
// to Essentials.
func Begin() (descriptors []string) {
	if len(os.Args) == 2 && os.Args[1] == child {
		os.Exit(0)
	}
	if os.Getuid() == 0 {
		fmt.Println("this is no room: the program runs as root, and its probes would go through")
		os.Exit(1)
	}
	return openAtStart()
}

// Prove reports on the probes, and ends the program if one of them is wrong.
func Prove(probes ...[]Probe) {
	if Report(os.Stdout, slices.Concat(probes...)) > 0 {
		os.Exit(1)
	}
}

// Essentials is what every room has and lacks, as far as it can be tried at next to no cost.
func (r Room) Essentials(descriptors []string) []Probe {
	return slices.Concat(r.identity(descriptors), r.image(), r.machine(), r.temporary(), devices(), processes(),
		notifications(), memory(), r.limits())
}

// Exhaustive is the rest: every namespace and call that is refused, and every limit up to its end. The
// filter and the enforcer are the same for all rooms of a machine, so that one of them that tries all this
// speaks for the others.
func (r Room) Exhaustive() []Probe {
	return slices.Concat(r.run(), r.overfill(), namespaces(), systemCalls(), arguments(), r.exhaustion())
}

func absent(found []string) error {
	if len(found) > 0 {
		return fmt.Errorf("found %s", strings.Join(found, ", "))
	}
	return ErrAbsent
}

func equal[T comparable](found, want T) error {
	if found != want {
		return fmt.Errorf("found %v, expected %v", found, want)
	}
	return nil
}
