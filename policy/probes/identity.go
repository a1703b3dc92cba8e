package probes

import (
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
)

// identity tries who the program is, and who it cannot become.
func (r *room) identity() {
	r.twin("start", r.started(), nil)
	if r.may("uname") {
		r.twin("hostname", probe(Hostname, OK, r.Hostname), r.call(call{"sethostname", []uint64{0, 1}, "EPERM"}))
	}
	for _, s := range r.status() {
		r.twin(s.rule, probe(Status, OK, s.field, s.words), s.neighbour)
	}
	r.twin("control group", probe(Cgroup, OK, "/"), nil)
}

// started is what the program was started with.
func (r *room) started() *Probe {
	args := append([]string{r.Directory, fmt.Sprint(len(r.Argv))}, r.Argv...)
	return probe(Start, r.through(OK, "openat"), append(args, r.Environment...)...)
}

type statusLine struct {
	rule, field, words string
	neighbour          *Probe
}

// status is /proc/self/status, as far as a policy has a say (proc_pid_status(5)),
// with what would change it. The kernel wants capabilities for that, where the
// filter does not refuse it first.
func (r *room) status() []statusLine {
	set := fmt.Sprintf("%016x", r.Capabilities)
	four := func(id uint32) string { return strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%d ", id), 4), " ") }
	become := func(name string, args ...uint64) *Probe { return r.call(call{name, args, "EPERM"}) }
	return []statusLine{
		{"user", "Uid", four(r.UID), become("setuid", 0)},
		{"user", "Gid", four(r.GID), become("setgid", 0)},
		{"user", "Groups", r.groups(), become("setgroups", 1, 0)},
		{"capabilities", "CapEff", set, r.capability()},
		{"capabilities", "CapPrm", set, become("setresuid", none, 0, none)},
		{"capabilities", "CapInh", set, nil},
		{"capabilities", "CapBnd", set, nil},
		{"capabilities", "CapAmb", set, r.ambient()},
		{"privileges", "NoNewPrivs", "1", nil},
		{"privileges", "Seccomp", "2", nil},
		{"privileges", "Seccomp_filters", "1", nil},
	}
}

func (r *room) groups() string {
	return strings.Trim(fmt.Sprint(r.Groups), "[]")
}

func (r *room) capability() *Probe {
	const sysAdmin = "21"
	return probe(Capability, r.through("EPERM", "capset"), sysAdmin)
}

// ambient raises the first capability that the room has not: PR_CAP_AMBIENT,
// PR_CAP_AMBIENT_RAISE.
func (r *room) ambient() *Probe {
	for number := uint64(0); number < 32; number++ {
		if abi.GrantableCapabilities&(1<<number) != 0 && r.Capabilities&(1<<number) == 0 {
			return r.call(call{"prctl", []uint64{47, 2, number, 0, 0}, "EPERM"})
		}
	}
	return nil
}

// privileges tries to reach what is outside the room's pid namespace: there is
// nobody to signal. Signal 0 harms nobody who would be.
func (r *room) privileges() {
	r.twin("signals", r.call(call{"kill", []uint64{1, 0}, OK}), r.call(call{"kill", []uint64{none, 0}, "ESRCH"}))
	r.twin("signals", nil, r.call(call{"kill", []uint64{4000000, 0}, "ESRCH"}))
}
