package probe

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// minusOne is -1 as an argument: no descriptor, no id.
const minusOne = ^uintptr(0)

// identity is who the program is, and who it cannot become.
func (r Room) identity(descriptors []string) []Probe {
	return []Probe{
		Grant("user", fmt.Sprintf("uid and gid are %d, channel groups %d", r.ID, r.Channels), r.checkUser),
		Grant("hostname", "it is "+r.Name, func() error { return hasHostname(r.Name) }),
		Grant("exec", "arguments, environment and directory as written", func() error {
			return wasStarted("/", slices.Concat([]string{strconv.Itoa(len(r.Exec))}, r.Exec, r.Environment))
		}),
		Grant("pid", "the program is pid 1", func() error { return equal(os.Getpid(), 1) }),

		Deny("descriptors", fmt.Sprintf("one besides 0, 1, 2 and %d sockets at the start", r.Sockets),
			func() error { return r.foreignDescriptors(descriptors) }, ErrAbsent),
		Deny("capabilities", "one in any of the five sets", capabilities, ErrAbsent),
		Deny("privileges", "no_new_privs not set", statusIsNot("NoNewPrivs", "1"), ErrAbsent),
		Deny("privileges", "no seccomp filter", statusIsNot("Seccomp", "2"), ErrAbsent),
		Deny("control groups", "a view above the room's own group", cgroupAbove, ErrAbsent),

		// The kernel's capability checks; seccomp would say the same.
		Deny("user", "setuid 0", Call(unix.SYS_SETUID, 0), unix.EPERM),
		Deny("user", "setgid 0", Call(unix.SYS_SETGID, 0), unix.EPERM),
		Deny("user", "setresuid -1 0 -1", Call(unix.SYS_SETRESUID, minusOne, 0, minusOne), unix.EPERM),
		Deny("user", "setgroups", Call(unix.SYS_SETGROUPS, 1, 0), unix.EPERM),
		Deny("capabilities", "capset CAP_SYS_ADMIN", func() error { return raiseCapability(unix.CAP_SYS_ADMIN) }, unix.EPERM),
		Deny("capabilities", "raise CAP_NET_BIND_SERVICE as ambient", raiseAmbient, unix.EPERM),
		Deny("hostname", "sethostname", Call(unix.SYS_SETHOSTNAME, 0, 1), unix.EPERM),
		Deny("hostname", "setdomainname", Call(unix.SYS_SETDOMAINNAME, 0, 1), unix.EPERM),
		// Nobody else is visible in the pid namespace: there is nobody to signal.
		Deny("pid", "signal to every process that is not this one", signalAll, unix.ESRCH),
		Deny("pid", "signal to pid 4000000", func() error { return unix.Kill(4000000, 0) }, unix.ESRCH),
	}
}

// checkUser knows how many channels there are; which of them it is, the sockets show.
func (r Room) checkUser() error {
	for _, get := range []func() (int, int, int){unix.Getresuid, unix.Getresgid} {
		if real, effective, saved := get(); real != r.ID || effective != r.ID || saved != r.ID {
			return fmt.Errorf("found %d %d %d", real, effective, saved)
		}
	}
	groups, err := unix.Getgroups()
	if err != nil {
		return err
	}
	for _, group := range groups {
		if group < 20000 || group > 29999 {
			return fmt.Errorf("found group %d, which is no channel", group)
		}
	}
	return equal(len(groups), r.Channels)
}

// openAtStart is the open descriptors and what they are. Go's own, for its poller, are not counted.
func openAtStart() []string {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for _, entry := range entries {
		target, err := os.Readlink("/proc/self/fd/" + entry.Name())
		own := err != nil || strings.HasPrefix(target, "anon_inode:[event") // err: the directory just read
		if !own {
			found = append(found, entry.Name()+" "+target)
		}
	}
	return found
}

func (r Room) foreignDescriptors(open []string) error {
	return absent(slices.DeleteFunc(slices.Clone(open), func(descriptor string) bool {
		number, target, _ := strings.Cut(descriptor, " ")
		n, err := strconv.Atoi(number)
		return err == nil && (n < 3 || n < 3+r.Sockets && strings.HasPrefix(target, "socket:"))
	}))
}

func capabilities() error {
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		if found, err := status(set); err != nil || found != "0000000000000000" {
			return fmt.Errorf("%s is %q, %v", set, found, err)
		}
	}
	return ErrAbsent
}

func statusIsNot(field, want string) func() error {
	return func() error {
		found, err := status(field)
		if err == nil && found == want {
			err = ErrAbsent
		}
		return err
	}
}

// What is asked of /proc/self/status cannot change while the program runs.
var readStatus = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("/proc/self/status") })

func status(field string) (string, error) {
	all, err := readStatus()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(all)) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("no %s in /proc/self/status", field)
}

// cgroupAbove holds the room against its namespace: there its own group is the root.
func cgroupAbove() error {
	if err := seesCgroup("/"); err != nil {
		return err
	}
	return ErrAbsent
}

func seesCgroup(path string) error {
	found, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return err
	}
	return equal(string(found), "0::"+path+"\n")
}

// hasStatus compares a line of /proc/self/status, its words with a blank between them.
func hasStatus(field, want string) error {
	found, err := status(field)
	if err != nil {
		return err
	}
	return equal(strings.Join(strings.Fields(found), " "), want)
}

func hasHostname(want string) error {
	found, err := os.Hostname()
	if err != nil {
		return err
	}
	return equal(found, want)
}

// wasStarted compares the directory, and then the number of arguments, the arguments and the environment.
func wasStarted(directory string, wanted []string) error {
	found, err := os.Getwd()
	if err != nil {
		return err
	}
	environment := os.Environ()
	slices.Sort(environment)
	all := slices.Concat([]string{strconv.Itoa(len(os.Args))}, os.Args, environment)
	return cmp.Or(equal(found, directory), equal(strings.Join(all, "\x00"), strings.Join(wanted, "\x00")))
}

func raiseCapability(number int) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	sets[0].Effective = 1 << number
	sets[0].Permitted = 1 << number
	return unix.Capset(&header, &sets[0])
}

func raiseAmbient() error {
	return unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, unix.CAP_NET_BIND_SERVICE, 0, 0)
}

func signalAll() error { return unix.Kill(-1, 0) }
