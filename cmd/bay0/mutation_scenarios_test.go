//go:build mutants

package main_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
)

// scenario is a machine in which a mutant may show, and until when to watch it.
type scenario struct {
	unit  func(t *testing.T) unit
	until func() func(line string) bool
	looks bool              // at the states, all of which are reported before it ends
	flash map[string][]byte // variables of the firmware's, beside its own
	disk  bool              // there is one, for the room flaky
	once  *sync.Once
	shown []string // by Bay0 as it is
}

// scenarios by name. Those that are refusals of boot_test.go have their names.
var scenarios = sync.OnceValue(func() map[string]*scenario {
	all := map[string]*scenario{
		"states":         {unit: vital(""), until: reported, looks: true},
		"tries":          {unit: vital("fault-governor-tries"), until: reportedAnd("bay0: tries no more"), looks: true},
		"devices":        {unit: deviceUnit, until: reported, looks: true},
		"sockets":        {unit: socketUnit, until: reported, looks: true},
		"root remounted": {unit: vital("fault-root-remounted"), until: ticks},
		"image covered":  {unit: vital("fault-image-covered"), until: ticks},
		"frozen":         {unit: frozenUnit, until: frozen, disk: true},
		"no Secure Boot": {unit: edited(func(p *policy.Policy) { p.SecureBoot = true }), until: decided},
		"other owner":    {unit: beside(member{entry{"/images/web.squashfs", 0o100444, "hsqs"}, 1, 0, 1}), until: decided},
		"other group":    {unit: beside(member{entry{"/images/web.squashfs", 0o100444, "hsqs"}, 0, 1, 1}), until: decided},
		"second name":    {unit: beside(member{entry{"/images/a.squashfs", 0o100444, ""}, 0, 0, 2}, member{entry{"/images/b.squashfs", 0o100444, "hsqs"}, 0, 0, 2}), until: decided},
		"like an image":  {unit: beside(member{entry{"/evil", 0o100444, "x"}, 0, 0, 1}), until: decided},
		"missing member": {unit: withoutRoomRoot, until: decided},
		"network":        {unit: networkUnit, until: reported, looks: true},
		"older version":  {unit: oneRoom, until: decided, flash: map[string][]byte{abi.FloorVariable: {99, 0, 0, 0}}},
		"other bytes":    {unit: otherBytes, until: decided},
		"word":           {unit: edited(invariant(policy.Invariant{Path: "/proc/version", Kind: abi.InvariantRange})), until: decided},
		"present":        {unit: edited(invariant(policy.Invariant{Path: "/proc/version", Kind: abi.InvariantAbsent})), until: decided},
	}
	for name, c := range refusals {
		all[name] = &scenario{until: decided, unit: func(t *testing.T) unit {
			u := oneRoom(t)
			c.spoil(t, &u)
			return u
		}}
	}
	for _, s := range all {
		s.once = new(sync.Once)
	}
	return all
})

// lookedFor are the scenarios for mutants of a function, or of all others of a file:
// first those in which most of them show.
var lookedFor = map[string][]string{
	"main.go run":        {"tries", "argument behind the double dash", "weakened sysctl"},
	"main.go loadPolicy": {"states", "policy for another machine", "older version"},
	"main.go":            {"states"},

	"internal/boot/boot.go Mount":               {"credential that lay beside the image", "states"},
	"internal/boot/boot.go Check":               {"policy for another machine", "no Secure Boot"},
	"internal/boot/boot.go checkSecureBoot":     {"no Secure Boot"},
	"internal/boot/boot.go isSecure":            {"no Secure Boot"},
	"internal/boot/boot.go openPolicy":          {"blob of another digest", "command line with a parameter more"},
	"internal/boot/boot.go checkKernel":         {"newer Landlock", "policy for another machine"},
	"internal/boot/cmdline.go checkCommandLine": {"command line with a parameter more"},
	"internal/boot/cmdline.go":                  {"command line without a digest", "blob of another digest"},

	"internal/boot/image.go":               {"states"},
	"internal/boot/image.go MountImages":   {"image of no room", "states"},
	"internal/boot/image.go countImages":   {"image of no room"},
	"internal/boot/image.go mountImage":    {"states", "image of another digest"},
	"internal/boot/image.go checkImage":    {"image of another digest", "other bytes"},
	"internal/boot/image.go CheckReadOnly": {"image covered", "root remounted"},
	"internal/boot/image.go checkReadOnly": {"root remounted"},

	"internal/boot/walk.go":                {"credential that lay beside the image"},
	"internal/boot/walk.go expected":       {"like an image"},
	"internal/boot/walk.go judgeEntry":     {"credential that lay beside the image", "other owner", "other group", "second name", "policy that anybody could write to"},
	"internal/boot/walk.go checkInitramfs": {"other program in the place of Bay0's", "missing member"},

	"internal/boot/root.go":           {"states"},
	"internal/invariant/invariant.go": {"word", "present", "weakened sysctl", "tainted kernel", "lockdown that is not the kernel's"},

	"internal/confine/confine.go":     {"tries"},
	"internal/sys/threads_unsafe.go":  {"tries"},
	"internal/sys/landlock_unsafe.go": {"tries"},

	"internal/launch/cgroup.go Kill": {"frozen"},

	"internal/launch/sockets.go":  {"sockets"},
	"internal/launch/governor.go": {"states"},
	"internal/launch/launcher.go": {"sockets"},
	"internal/launch/cgroup.go":   {"states"},
	"internal/launch/process.go":  {"network"},
	"internal/stage/mount.go":     {"devices"},
}

// decided is when a machine that is not refused has come up.
func decided() func(string) bool {
	return func(line string) bool { _, _, ok := vm.Line{Text: line}.Verdict(); return ok }
}

func reported() func(string) bool { return stateEnd.MatchString }

func reportedAnd(text string) func() func(string) bool {
	return func() func(string) bool {
		ended, said := false, false
		return func(line string) bool {
			ended, said = ended || stateEnd.MatchString(line), said || strings.Contains(line, text)
			return ended && said
		}
	}
}

// ticks is four seconds after the verdict, by what the room vital says.
func ticks() func(string) bool { return ticksAfter("bay0: verdict", 16) }

// vital is a machine with one small room, whose hostname names a fault.
func vital(hostname string, changes ...func(*policy.Room)) func(*testing.T) unit {
	return func(t *testing.T) unit {
		return witnessUnit(t, []string{"vital"}, func(p *policy.Policy) {
			p.Watchdog = 60 // which no load of the host uses up, and a governor that hangs does
			if hostname != "" {
				p.Rooms[0].Hostname = hostname
			}
			for _, change := range changes {
				change(&p.Rooms[0])
			}
		})
	}
}

func edited(change func(*policy.Policy)) func(*testing.T) unit {
	return func(t *testing.T) unit { return oneRoom(t).edit(t, change) }
}

// socketUnit has sockets of each type, and a room that connects to them.
func socketUnit(t *testing.T) unit {
	p, err := twinsPolicy()
	if err != nil {
		t.Fatal(err)
	}
	p.Rooms = slices.DeleteFunc(slices.Clone(p.Rooms), func(r policy.Room) bool { return r.Name != "keeper" && r.Name != "peer" })
	for i := range p.Rooms {
		p.Rooms[i].Argv = append(slices.Clone(p.Rooms[i].Argv), "quiet")
		p.Rooms[i].Mounts = slices.DeleteFunc(slices.Clone(p.Rooms[i].Mounts), func(m policy.Mount) bool { return m.Partition != "" })
		p.Rooms[i].Landlock.Paths = slices.DeleteFunc(slices.Clone(p.Rooms[i].Landlock.Paths), func(r policy.PathRule) bool { return r.Path == "/data" })
	}
	u, _, err := twin(p)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// deviceUnit has one room, with the hardware's random numbers.
func deviceUnit(t *testing.T) unit {
	p, err := twinsPolicy()
	if err != nil {
		t.Fatal(err)
	}
	r := *witnessRoom(t, &p, "safe")
	r.After, r.Argv = nil, append(slices.Clone(r.Argv), "quiet")
	r.Binds = slices.DeleteFunc(slices.Clone(r.Binds), func(b policy.Bind) bool {
		return b.Target == "/dev/tpmrm0" || strings.HasPrefix(b.Target, policy.SocketTarget(""))
	})
	r.Landlock.Paths = slices.DeleteFunc(slices.Clone(r.Landlock.Paths), func(p policy.PathRule) bool { return p.Path == "/dev/tpmrm0" })
	p.Rooms = []policy.Room{r}
	u, _, err := twin(p)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// member is an entry of an archive with what release/initrd never writes: another
// owner, or several names.
type member struct {
	entry
	owner, group, names int
}

func beside(members ...member) func(*testing.T) unit {
	return func(t *testing.T) unit {
		u := oneRoom(t)
		var entries []entry
		for _, m := range members {
			entries = append(entries, m.entry)
		}
		u.beside = archive(entries...)
		for _, m := range members {
			patch(u.beside, m)
		}
		return u
	}
}

// patch changes the header of a member. In newc that is a magic of 6 bytes and 13
// numbers of 8 digits, the inode, mode, owner, group and names the first of them.
func patch(b []byte, m member) {
	const length = 6 + 13*8
	header := b[bytes.Index(b, []byte(m.path[1:]+"\x00"))-length:]
	number := func(i, n int) { copy(header[6+8*i:], fmt.Appendf(nil, "%08x", n)) }
	number(2, m.owner)
	number(3, m.group)
	if number(4, m.names); m.names > 1 {
		number(0, 4711) // they are one file
	}
}

// networkUnit has one room, which shares the machine's network.
func networkUnit(t *testing.T) unit {
	p, err := twinsPolicy()
	if err != nil {
		t.Fatal(err)
	}
	r := *witnessRoom(t, &p, "echo")
	r.Argv = append(slices.Clone(r.Argv), "quiet")
	p.Rooms = []policy.Room{r}
	u, _, err := twin(p)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// otherBytes has an image that differs in the last byte, which is padding: it could
// be mounted.
func otherBytes(t *testing.T) unit {
	u := oneRoom(t)
	image := bytes.Clone(u.images["web"])
	image[len(image)-1]++
	u.images["web"] = image
	return u
}

// withoutRoomRoot has in the place of /room a second /root, which is the kernel's.
func withoutRoomRoot(t *testing.T) unit {
	u := oneRoom(t)
	u.spoil = func(ramdisk []byte) []byte {
		const magic, length = "070701", 110 // of newc's header
		for name := range ramdisk {
			header := name - length
			if header >= 0 && bytes.HasPrefix(ramdisk[name:], []byte("room\x00")) && bytes.HasPrefix(ramdisk[header:], []byte(magic)) {
				copy(ramdisk[name:], "root")
				copy(ramdisk[header+len(magic)+8:], fmt.Appendf(nil, "%08x", 0o040700))
			}
		}
		return ramdisk
	}
	return u
}
