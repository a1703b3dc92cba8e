package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const id = 10001 // the room's user and group

// identity is who the program is, and who it cannot become.
func identity(leaked []string) []probe {
	return []probe{
		granted("user", "uid and gid are 10001, no other group", checkUser),
		granted("hostname", "it is web", checkHostname),
		granted("exec", "arguments, environment and directory as written", checkStart),
		granted("pid", "the program is pid 1", func() error { return equal(os.Getpid(), 1) }),

		denied("descriptors", "one besides 0, 1 and 2 at the start", func() error { return absent(leaked) }, errAbsent),
		denied("capabilities", "one in any of the five sets", capabilities, errAbsent),
		denied("privileges", "no_new_privs not set", statusIsNot("NoNewPrivs", "1"), errAbsent),
		denied("privileges", "no seccomp filter", statusIsNot("Seccomp", "2"), errAbsent),
		denied("control groups", "a view above the room's own group", cgroupAbove, errAbsent),

		// The kernel's capability checks; seccomp would say the same.
		denied("user", "setuid 0", call(unix.SYS_SETUID, 0), unix.EPERM),
		denied("user", "setgid 0", call(unix.SYS_SETGID, 0), unix.EPERM),
		denied("user", "setresuid -1 0 -1", call(unix.SYS_SETRESUID, minusOne, 0, minusOne), unix.EPERM),
		denied("user", "setgroups", call(unix.SYS_SETGROUPS, 1, 0), unix.EPERM),
		denied("capabilities", "capset CAP_SYS_ADMIN", raiseCapability, unix.EPERM),
		denied("capabilities", "raise CAP_NET_BIND_SERVICE as ambient", raiseAmbient, unix.EPERM),
		denied("hostname", "sethostname", call(unix.SYS_SETHOSTNAME, 0, 1), unix.EPERM),
		denied("hostname", "setdomainname", call(unix.SYS_SETDOMAINNAME, 0, 1), unix.EPERM),
		// Nobody else is visible in the pid namespace: there is nobody to signal.
		denied("pid", "signal to every process that is not this one", signalAll, unix.ESRCH),
		denied("pid", "signal to pid 4000000", func() error { return unix.Kill(4000000, 0) }, unix.ESRCH),
	}
}

func checkUser() error {
	for _, get := range []func() (int, int, int){unix.Getresuid, unix.Getresgid} {
		if real, effective, saved := get(); real != id || effective != id || saved != id {
			return fmt.Errorf("found %d %d %d", real, effective, saved)
		}
	}
	groups, err := unix.Getgroups()
	if err != nil {
		return err
	}
	return equal(len(groups), 0)
}

func checkHostname() error {
	found, err := os.Hostname()
	if err != nil {
		return err
	}
	return equal(found, "web")
}

func checkStart() error {
	directory, err := os.Getwd()
	if err != nil {
		return err
	}
	environment := os.Environ()
	slices.Sort(environment)
	return cmp.Or(
		equal(strings.Join(os.Args, " "), "/bin/web --greeting hello"),
		equal(strings.Join(environment, " "), "HOME=/tmp LANG=C.UTF-8 NOTIFY_SOCKET=/run/notify"),
		equal(directory, "/"))
}

func capabilities() error {
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		if found, err := status(set); err != nil || found != "0000000000000000" {
			return fmt.Errorf("%s is %q, %v", set, found, err)
		}
	}
	return errAbsent
}

func statusIsNot(field, want string) func() error {
	return func() error {
		found, err := status(field)
		if err == nil && found == want {
			err = errAbsent
		}
		return err
	}
}

// status is one field of /proc/self/status.
func status(field string) (string, error) {
	all, err := os.ReadFile("/proc/self/status")
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
	found, err := os.ReadFile("/proc/self/cgroup")
	if err == nil && string(found) == "0::/\n" {
		err = errAbsent
	}
	return err
}

func raiseCapability() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	sets[0].Effective = 1 << unix.CAP_SYS_ADMIN
	sets[0].Permitted = 1 << unix.CAP_SYS_ADMIN
	return unix.Capset(&header, &sets[0])
}

func raiseAmbient() error {
	return unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, unix.CAP_NET_BIND_SERVICE, 0, 0)
}

func signalAll() error { return unix.Kill(-1, 0) }

// openAtStart names the open descriptors besides 0, 1 and 2. Go's own, for its poller, are not counted.
func openAtStart() []string {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for _, entry := range entries {
		target, err := os.Readlink("/proc/self/fd/" + entry.Name())
		own := err != nil || strings.HasPrefix(target, "anon_inode:[event") // err: the directory just read
		if n := entry.Name(); n != "0" && n != "1" && n != "2" && !own {
			found = append(found, n+" "+target)
		}
	}
	return found
}

func absent(found []string) error {
	if len(found) > 0 {
		return fmt.Errorf("found %s", strings.Join(found, ", "))
	}
	return errAbsent
}

func equal[T comparable](found, want T) error {
	if found != want {
		return fmt.Errorf("found %v, expected %v", found, want)
	}
	return nil
}
