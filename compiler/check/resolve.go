package check

import (
	"cmp"
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
}

// has reports whether the file gives the path at all.
func (r reader) has(path string) bool { return r.file.Root.Find(strings.Split(path, ".")...) != nil }

// text is a string, or what a default says; "" without either.
func (r reader) text(path string) string {
	parts := strings.Split(path, ".")
	if v := r.file.Root.Find(parts...); v != nil {
		return v.Text
	}
	return r.root.at(parts).fallback
}

func (r reader) bool(path string) bool {
	parts := strings.Split(path, ".")
	if v := r.file.Root.Find(parts...); v != nil {
		return v.Bool
	}
	return r.root.at(parts).fallback == "true"
}

func (r reader) number(path string) uint32 {
	parts := strings.Split(path, ".")
	if v := r.file.Root.Find(parts...); v != nil {
		return uint32(v.Int)
	}
	n, _ := strconv.ParseUint(r.root.at(parts).fallback, 10, 32) // 0 without a default
	return uint32(n)
}

// quantity is a number with a unit, 0 without value and default.
func (r reader) quantity(path string) uint64 {
	n, _ := r.root.at(strings.Split(path, ".")).limits.unit.parse(r.text(path))
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
	v := r.file.Root.Find(strings.Split(path, ".")...)
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

func (l *language) resolveSystem(file *source.File) System {
	r := reader{file, l.system.root}
	return System{
		File:               file.Source.Name,
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
		Origin:             origins(file.Root),
	}
}

func (l *language) resolveRoom(file *source.File) Room {
	r := reader{file, l.room.root}
	return Room{
		File:             file.Source.Name,
		Name:             r.text("room.name"),
		Description:      r.text("room.description"),
		Hostname:         cmp.Or(r.text("room.hostname"), r.text("room.name")),
		WorkingDirectory: r.text("room.working-directory"),
		Exec:             r.texts("room.exec"),
		Environment:      environment(file.Root.Find("room", "environment")),
		User:             r.number("room.user"),
		Critical:         r.bool("room.critical"),
		MemoryMax:        r.quantity("resources.memory.max"),
		MemoryHigh:       r.quantity("resources.memory.high"),
		CPUQuotaPercent:  uint32(r.quantity("resources.cpu.quota")),
		CPUWeight:        r.number("resources.cpu.weight"),
		Pids:             r.number("resources.pids"),
		OpenFiles:        r.number("resources.open-files"),
		Tmpfs:            tmpfs(r.items("filesystem.tmpfs")),
		SystemCalls:      l.systemCalls(r),
		ReadinessNotify:  r.text("health.readiness") == "notify",
		StartTimeout:     time.Duration(r.quantity("health.start-timeout")),
		After:            sorted(r.texts("room.after")),
		Restart:          restarts[r.text("room.restart")],
		Host:             r.text("network.mode") == "host",
		Connect:          r.ports("network.connect"),
		Bind:             r.ports("network.bind"),
		UDP:              r.has("network.udp"),
		Volumes:          volumes(r),
		Devices:          l.deviceNodes(r.texts("devices.classes")),
		Sockets:          sockets(r),
		Connects:         connects(r),
		Vault:            r.has("vault"),
		Origin:           origins(file.Root),
	}
}

func environment(v *source.Value) []EnvVar {
	if v == nil {
		return nil
	}
	var all []EnvVar
	for _, name := range slices.Sorted(slices.Values(v.Names)) {
		all = append(all, EnvVar{name, v.Fields[name].Text})
	}
	return all
}

func tmpfs(items []*source.Value) []Tmpfs {
	var all []Tmpfs
	for _, item := range items {
		size, _ := bytesUnit.parse(item.Fields["size"].Text)
		all = append(all, Tmpfs{Path: item.Fields["path"].Text, Size: size})
	}
	slices.SortFunc(all, func(a, b Tmpfs) int { return cmp.Compare(a.Path, b.Path) })
	return all
}

// systemCalls is the profile, plus allow, minus deny.
func (l *language) systemCalls(r reader) SystemCalls {
	all := slices.Clone(l.profiles[r.text("system-calls.profile")])
	section := r.file.Root.Find("system-calls")
	for _, v := range namedCalls(section, "allow") {
		all = append(all, v.Text)
	}
	for _, v := range namedCalls(section, "deny") {
		all = slices.DeleteFunc(all, func(name string) bool { return name == v.Text })
	}
	slices.Sort(all)
	return SystemCalls{Calls: slices.Compact(all), Kill: r.text("system-calls.action") == "kill"}
}

// origins gives the place of every value of a file by its path.
func origins(root *source.Value) Origin {
	all := Origin{}
	var walk func(prefix string, v *source.Value)
	walk = func(path string, v *source.Value) {
		if path != "" {
			all[path] = v.Range
		}
		for i, item := range v.Items {
			walk(path+"["+strconv.Itoa(i)+"]", item)
		}
		for _, name := range v.Names {
			walk(strings.TrimPrefix(path+"."+bare(name), "."), v.Fields[name])
		}
	}
	walk("", root)
	return all
}
