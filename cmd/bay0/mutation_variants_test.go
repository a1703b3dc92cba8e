//go:build mutants

package main_test

import (
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
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
	"started again": {"least", func(r *policy.Room) {
		r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 1, DelayMax: 60_000, Limit: 1}
		r.Argv = append(slices.Clone(r.Argv), "end")
	}},
	"started again, says that it is ready": {"peer", func(r *policy.Room) {
		r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 1, DelayMax: 60_000, Limit: 1}
		r.Argv = append(slices.Clone(r.Argv), "unblock", "end")
	}},
	"its socket shut down": {"peer", func(r *policy.Room) {
		r.Restart = abi.Restart{Mode: abi.RestartAlways, Delay: 1, DelayMax: 60_000, Limit: 1}
		r.Argv = append(slices.Clone(r.Argv), "shut", "end")
	}},
	"limit that is not kept": {"least", func(r *policy.Room) { setting(r, "memory.max", "16777217") }},
	"node of another kind": {"least", func(r *policy.Room) {
		*node(r, "/dev/null") = policy.Bind{Target: "/dev/null", Source: "/dev/null", Kind: policy.KindSocket, Attributes: 6}
	}},
	"device of another number":      {"least", func(r *policy.Room) { node(r, "/dev/null").Minor = 4 }},
	"node beyond a link":            {"least", func(r *policy.Room) { node(r, "/dev/null").Source = "/proc/mounts" }},
	"node to be bound over another": {"least", func(r *policy.Room) { node(r, "/dev/null").Target = "/etc/taken" }},
	"node in a linked directory":    {"least", func(r *policy.Room) { node(r, "/dev/null").Target = "/linked/null" }},
	"mount on a link":               {"peer", func(r *policy.Room) { mountAt(r, "/scratch").Target = "/linked" }},
	"path that is a link":           {"peer", func(r *policy.Room) { pathOf(r, "/scratch").Path = "/linked" }},
	"partition that two have":       {"peer", func(r *policy.Room) { mountAt(r, "/data").Partition = "double" }},
	"partition that nobody has":     {"peer", func(r *policy.Room) { mountAt(r, "/data").Partition = "nowhere" }},
}

// furtherVariants are those for mutants of a function that no grant has shown.
var furtherVariants = map[string][]string{
	"makeCgroup":       {"started again"},
	"set":              {"limit that is not kept"},
	"listenNotify":     {"started again, says that it is ready"},
	"checkOpen":        {"its socket shut down", "started again, says that it is ready"},
	"start":            {"started again, says that it is ready", "its socket shut down", "network and a capability"},
	"fork":             {"network and a capability"},
	"becomeUser":       {"network and a capability"},
	"setIDs":           {"network and a capability"},
	"keepCapabilities": {"network and a capability"},
	"restrictAccess":   {"network and a capability"},
	"fill":             {"network and a capability"},
	"write":            {"network and a capability"},
	"AllowPort":        {"network and a capability"},
	"create":           {"network and a capability", "node to be bound over another", "node in a linked directory"},
	"openDirectory":    {"node in a linked directory"},
	"bind":             {"node of another kind", "device of another number", "node beyond a link"},
	"attach":           {"mount on a link"},
	"AllowPath":        {"path that is a link"},
	"MakeMount":        {"partition that two have"},
	"findPartition":    {"partition that two have", "partition that nobody has"},
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

// inOrder sorts what a change has put out of order.
func inOrder(r *policy.Room) {
	slices.SortFunc(r.Cgroup, func(a, b policy.Setting) int { return strings.Compare(a.File, b.File) })
	slices.SortFunc(r.Mounts, func(a, b policy.Mount) int { return strings.Compare(a.Target, b.Target) })
	slices.SortFunc(r.Binds, func(a, b policy.Bind) int { return strings.Compare(a.Target, b.Target) })
	slices.SortFunc(r.Landlock.Paths, func(a, b policy.PathRule) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(r.Groups)
}
