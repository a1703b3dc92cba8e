package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/anchor-os/anchor/compiler/source"
)

// reader gives the values of a file that the schema accepted, with the schema's
// default for what the file leaves out. Paths are dotted keys.
type reader struct {
	file *source.File
	root *field
	lack *error // the first thing that a reader asked for and the schema does not say
}

func newReader(file *source.File, root *field) reader { return reader{file, root, new(error)} }

// find gives the value at a path, nil without one, and its schema.
func (r reader) find(path string) (*source.Value, *field) {
	parts := strings.Split(path, ".")
	f := r.root.at(parts)
	if f == nil {
		r.lacks("%s is no part of the schema", path)
		f = &field{}
	}
	return r.file.Root.Find(parts...), f
}

func (r reader) lacks(format string, args ...any) {
	if *r.lack == nil {
		*r.lack = fmt.Errorf(format, args...)
	}
}

// has reports whether the file gives the path at all.
func (r reader) has(path string) bool {
	v, _ := r.find(path)
	return v != nil
}

// text is a string, or what a default says; "" without either.
func (r reader) text(path string) string {
	v, f := r.find(path)
	if v != nil {
		return v.Text
	}
	return f.fallback
}

func (r reader) bool(path string) bool {
	v, f := r.find(path)
	if v != nil {
		return v.Bool
	}
	return f.fallback == "true"
}

func (r reader) number(path string) uint32 {
	v, f := r.find(path)
	if v != nil {
		return uint32(v.Int)
	}
	n, _ := strconv.ParseUint(f.fallback, 10, 32) // 0 without a default
	return uint32(n)
}

// quantity is a number with a unit, 0 without value and default.
func (r reader) quantity(path string) uint64 {
	_, f := r.find(path)
	if f.limits == nil {
		r.lacks("%s has no unit", path)
		return 0
	}
	n, _ := f.limits.unit.parse(r.text(path))
	return n
}

func (r reader) texts(path string) []string {
	var all []string
	for _, item := range r.items(path) {
		all = append(all, item.Text)
	}
	return all
}

func (r reader) items(path string) []*source.Value {
	v, _ := r.find(path)
	if v == nil {
		return nil
	}
	return v.Items
}

// each gives the paths of a list's items, for the other methods.
func (r reader) each(path string) []string {
	var all []string
	for i := range r.items(path) {
		all = append(all, path+"."+strconv.Itoa(i))
	}
	return all
}

func (r reader) ports(path string) []uint16 {
	var all []uint16
	for _, item := range r.items(path) {
		all = append(all, uint16(item.Int))
	}
	return sorted(all)
}

func sorted[T cmp.Ordered](all []T) []T {
	slices.Sort(all)
	return all
}

func (l *language) resolveSystem(r reader) System {
	return System{
		File:               r.file.Source.Name,
		Version:            r.number("policy.version"),
		Floor:              r.number("policy.floor"),
		CommandLine:        r.texts("kernel.command-line"),
		BudgetMemory:       r.quantity("budget.memory"),
		BudgetPids:         r.number("budget.pids"),
		RequiredRooms:      r.texts("boot.required-rooms"),
		PowerOffOnFailure:  r.text("boot.on-failure") == "power-off",
		Settle:             time.Duration(r.quantity("boot.settle-time")),
		Watchdog:           time.Duration(r.quantity("boot.watchdog-timeout")),
		SecureBootRequired: r.text("boot.secure-boot") == "required",
		Partitions:         r.texts("data.partitions"),
		Network:            network(r),
		Origin:             Origin{r.file.Root},
	}
}

func (l *language) resolveRoom(r reader) Room {
	return Room{
		File:             r.file.Source.Name,
		Name:             r.text("room.name"),
		Description:      r.text("room.description"),
		Hostname:         cmp.Or(r.text("room.hostname"), r.text("room.name")),
		WorkingDirectory: r.text("room.working-directory"),
		Exec:             r.texts("room.exec"),
		Environment:      environment(r),
		User:             r.number("room.user"),
		Critical:         r.bool("room.critical"),
		MemoryMax:        r.quantity("resources.memory.max"),
		MemoryHigh:       r.quantity("resources.memory.high"),
		CPUQuotaPercent:  uint32(r.quantity("resources.cpu.quota")),
		CPUWeight:        r.number("resources.cpu.weight"),
		Pids:             r.number("resources.pids"),
		OpenFiles:        r.number("resources.open-files"),
		Tmpfs:            tmpfs(r),
		SystemCalls:      l.systemCalls(r),
		ReadinessNotify:  r.text("health.readiness") == "notify",
		StartTimeout:     time.Duration(r.quantity("health.start-timeout")),
		StopTimeout:      time.Duration(r.quantity("room.stop-timeout")),
		Watchdog:         time.Duration(r.quantity("health.watchdog")),
		Capabilities:     capabilities(r),
		After:            sorted(r.texts("room.after")),
		Restart:          restarts[r.text("room.restart")],
		Host:             r.text("network.mode") == "host",
		Connect:          r.ports("network.connect"),
		Bind:             r.ports("network.bind"),
		UDP:              r.has("network.udp"),
		Families:         l.families[r.text("network.mode")],
		Volumes:          volumes(r),
		Devices:          l.deviceNodes(r.texts("devices.classes")),
		Sockets:          sockets(r),
		Connects:         connects(r),
		Vault:            r.has("vault"),
		Origin:           Origin{r.file.Root},
	}
}

func environment(r reader) []EnvVar {
	v, _ := r.find("room.environment")
	if v == nil {
		return nil
	}
	var all []EnvVar
	for _, name := range slices.Sorted(slices.Values(v.Names)) {
		all = append(all, EnvVar{name, v.Fields[name].Text})
	}
	return all
}

func tmpfs(r reader) []Tmpfs {
	var all []Tmpfs
	for _, path := range r.each("filesystem.tmpfs") {
		all = append(all, Tmpfs{Path: r.text(path + ".path"), Size: r.quantity(path + ".size")})
	}
	slices.SortFunc(all, func(a, b Tmpfs) int { return cmp.Compare(a.Path, b.Path) })
	return all
}

// systemCalls is the profile, plus allow, minus deny.
func (l *language) systemCalls(r reader) SystemCalls {
	all := slices.Clone(l.profiles[r.text("system-calls.profile")])
	for _, path := range r.each("system-calls.allow") {
		all = append(all, r.text(path+".call"))
	}
	for _, path := range r.each("system-calls.deny") {
		name := r.text(path + ".call")
		all = slices.DeleteFunc(all, func(call string) bool { return call == name })
	}
	slices.Sort(all)
	return SystemCalls{
		Calls:            slices.Compact(all),
		Kill:             r.text("system-calls.action") == "kill",
		ExecutableMemory: r.has("system-calls.executable-memory"),
	}
}
