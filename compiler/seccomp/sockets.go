package seccomp

import (
	"errors"
	"fmt"
	"slices"
)

// A family is one row of the generated table of address families.
type family struct {
	number uint32
	name   string
}

// socketCalls have the same first three arguments, all int: family, type, protocol.
var socketCalls = []string{"socket", "socketpair"}

// inetFamilies are the families whose types and protocols are restricted.
var inetFamilies = []string{"AF_INET", "AF_INET6"}

const (
	sockTypeMask = 0xf // above it lie SOCK_CLOEXEC and SOCK_NONBLOCK
	sockStream   = 1
	sockDgram    = 2
	protocolTCP  = 6
	protocolUDP  = 17
)

// FamilyKnown reports whether Linux has an address family of that name. Of a
// family with two names only one is known: AF_UNIX, not AF_LOCAL.
func FamilyKnown(name string) bool {
	_, ok := familyNumber(name)
	return ok
}

// Families returns the names of all address families, sorted.
func Families() []string {
	var names []string
	for _, f := range families {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

func familyNumber(name string) (uint32, bool) {
	i := slices.IndexFunc(families, func(f family) bool { return f.name == name })
	if i < 0 {
		return 0, false
	}
	return families[i].number, true
}

func (s Spec) checkFamilies() error {
	seen := map[string]bool{}
	for _, name := range s.Families {
		if !FamilyKnown(name) {
			return fmt.Errorf("cannot allow address family %q: there is no such family", name)
		}
		if seen[name] {
			return fmt.Errorf("cannot allow address family %q: it is listed twice", name)
		}
		seen[name] = true
	}
	if s.UDP && !seen["AF_INET"] && !seen["AF_INET6"] {
		return errors.New("cannot allow UDP: neither AF_INET nor AF_INET6 is allowed")
	}
	return nil
}

// judgeSocket is an allow-list, since each family is a subsystem of its own and
// some lead out of the machine (AF_VSOCK to the hypervisor's host). A family that
// is not on it gets EAFNOSUPPORT, as from a kernel built without it: programs try
// IPv6 and go on without.
func (s Spec) judgeSocket() *node {
	var allowed []match
	for _, name := range s.Families {
		number, _ := familyNumber(name)
		if slices.Contains(inetFamilies, name) {
			allowed = append(allowed, match{number, s.judgeInet()})
		} else {
			allowed = append(allowed, match{number, leaf(retAllow)})
		}
	}
	return lookup(argument(0), everyBit, leaf(retEAFNOSUPPORT), allowed...)
}

// judgeInet leaves TCP, and UDP where it is granted. Landlock's rules on ports
// miss MPTCP (landlock-lsm/linux#54), SCTP (#40) and SMC, each of which is one more
// protocol of SOCK_STREAM here. Told EPROTONOSUPPORT, Go's net, which tries MPTCP
// first for a listener, takes TCP.
func (s Spec) judgeInet() *node {
	protocols := func(numbers ...uint32) *node {
		return lookup(argument(2), everyBit, leaf(retEPROTONOSUPPORT), each(numbers, leaf(retAllow))...)
	}
	types := []match{{sockStream, protocols(0, protocolTCP)}}
	if s.UDP {
		types = append(types, match{sockDgram, protocols(0, protocolUDP)})
	}
	return lookup(argument(1), sockTypeMask, leaf(retEPROTONOSUPPORT), types...)
}
