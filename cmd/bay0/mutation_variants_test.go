//go:build mutants

package main_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// variant is a room in which a mutant may show: one of testdata/twins, changed.
type variant struct {
	template string
	change   func(*policy.Room)
}

// grants has as many kinds of grants as a room can have at once. Every mutant is
// tried in it first.
const grants = "grants"

// variants by name. In some, Bay0 has to find a fault.
var variants = map[string]variant{
	grants: {"peer", func(r *policy.Room) {
		node(r, "/dev/zero").Attributes |= abi.MountReadOnly // more than what it is bound from has
	}},
	"network and a capability": {"outward", func(*policy.Room) {}},
	"started again":            {"peer", func(r *policy.Room) { failsTwice(r, "unblock") }},
	"its socket shut down":     {"peer", func(r *policy.Room) { failsTwice(r, "shut") }},
	"limit that is not kept":   {"least", func(r *policy.Room) { setting(r, "memory.max", "16777217") }},
	"node of another kind": {"least", func(r *policy.Room) {
		n := node(r, "/dev/null")
		n.Kind, n.Major, n.Minor = policy.KindSocket, 0, 0
	}},
	"device of another number": {"least", func(r *policy.Room) { node(r, "/dev/null").Minor = 4 }},
	"node beyond a link": {"least", func(r *policy.Room) { // a link to a file of the kind that is wanted
		n := node(r, "/dev/null")
		n.Source, n.Major, n.Minor = "/proc/mounts", regularMajor, regularMinor
	}},
	"file of the machine's root": {"least", func(r *policy.Room) { // a mount without any attributes
		n := node(r, "/dev/null")
		n.Source, n.Major, n.Minor, n.Attributes = abi.PassportsPath, regularMajor, regularMinor, abi.MountInert
	}},
	"file in the place of a node": {"least", func(r *policy.Room) { fileAt(r, "/dev/null") }},
	"file in a linked directory":  {"peer", func(r *policy.Room) { fileAt(r, "/linked/file") }},
	"mount on a link":             {"peer", func(r *policy.Room) { mountAt(r, "/scratch").Target = "/linked" }},
	"path that is a link":         {"peer", func(r *policy.Room) { pathOf(r, "/scratch").Path = "/linked" }},
	"right to a socket": {"peer", func(r *policy.Room) { // which nobody can open but by its path
		r.Landlock.Paths = append(slices.Clone(r.Landlock.Paths), policy.PathRule{Path: policy.NotifyTarget, Access: unix.LANDLOCK_ACCESS_FS_WRITE_FILE})
	}},
	"program that is not there": {"least", func(r *policy.Room) { // of which the stage's socket tells to the last
		r.Argv = append([]string{"/bin/none"}, r.Argv[1:]...)
	}},
	"partition that two have":   {"peer", func(r *policy.Room) { mountAt(r, "/data").Partition = "double" }},
	"partition that nobody has": {"peer", func(r *policy.Room) { mountAt(r, "/data").Partition = "nowhere" }},
}

// The numbers of a device that is a regular file once the blob was made: a policy that
// binds one is not encoded.
const regularMajor, regularMinor = 0xabc, 0xabcde

// withRegularFiles makes files of such devices (docs/FORMAT.md, binds).
func withRegularFiles(passports []byte) []byte {
	words := func(all ...uint32) (b []byte) {
		for _, n := range all {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		return b
	}
	return bytes.ReplaceAll(passports, words(policy.KindDevice, regularMajor, regularMinor), words(unix.S_IFREG, 0, 0))
}

// failsTwice has a room do something, and end as it should not before it says that it
// is ready; then it is started once more, to the same end. How it is at last does not
// depend on when anybody looks.
func failsTwice(r *policy.Room, act string) {
	r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 1, DelayMax: 60_000, Limit: 1}
	r.Argv = append(slices.Clone(r.Argv), act, "fail")
}

// furtherVariants are those for mutants of a function that no grant has shown.
var furtherVariants = map[string][]string{
	"makeCgroup":         {"started again"},
	"set":                {"limit that is not kept"},
	"listenNotify":       {"started again"},
	"checkOpen":          {"its socket shut down", "started again"},
	"start":              {"its socket shut down"},
	"fork":               {"network and a capability"},
	"becomeUser":         {"network and a capability"},
	"setIDs":             {"network and a capability"},
	"keepCapabilities":   {"network and a capability"},
	"arrangeDescriptors": {"program that is not there"},
	"restrictAccess":     {"network and a capability"},
	"fill":               {"network and a capability"},
	"write":              {"network and a capability"},
	"AllowPort":          {"network and a capability"},
	"create":             {"file in the place of a node"},
	"open":               {"file in a linked directory", "mount on a link", "node beyond a link"},
	"bind":               {"node of another kind", "device of another number", "file of the machine's root"},
	"AllowPath":          {"path that is a link", "right to a socket"},
	"MakeMount":          {"partition that two have"},
	"findPartition":      {"partition that two have", "partition that nobody has"},
}

func setting(r *policy.Room, file, value string) {
	r.Cgroup = slices.Clone(r.Cgroup)
	r.Cgroup[slices.IndexFunc(r.Cgroup, func(s policy.Setting) bool { return s.File == file })].Value = value
}

// node, mountAt and pathOf are what a room has at a path. The room is a slot's own.
func node(r *policy.Room, target string) *policy.Bind {
	return &r.Binds[slices.IndexFunc(r.Binds, func(b policy.Bind) bool { return b.Target == target })]
}

func mountAt(r *policy.Room, target string) *policy.Mount {
	return &r.Mounts[slices.IndexFunc(r.Mounts, func(m policy.Mount) bool { return m.Target == target })]
}

func pathOf(r *policy.Room, path string) *policy.PathRule {
	return &r.Landlock.Paths[slices.IndexFunc(r.Landlock.Paths, func(p policy.PathRule) bool { return p.Path == path })]
}

func fileAt(r *policy.Room, target string) {
	r.Files = append(slices.Clone(r.Files), policy.File{Target: target, Content: "x"})
}

// inOrder sorts what a change has put out of order.
func inOrder(r *policy.Room) {
	slices.SortFunc(r.Cgroup, func(a, b policy.Setting) int { return strings.Compare(a.File, b.File) })
	slices.SortFunc(r.Mounts, func(a, b policy.Mount) int { return strings.Compare(a.Target, b.Target) })
	slices.SortFunc(r.Binds, func(a, b policy.Bind) int { return strings.Compare(a.Target, b.Target) })
	slices.SortFunc(r.Landlock.Paths, func(a, b policy.PathRule) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(r.Files, func(a, b policy.File) int { return strings.Compare(a.Target, b.Target) })
	slices.Sort(r.Groups)
}
