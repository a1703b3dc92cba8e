package lower

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/seccomp"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// commandLine adds what Bay0 needs: the sysctls that its invariants want and that
// the kernel does not start with, which the kernel sets itself; the network, which the kernel itself sets up;
// the kernel's log without a limit of its own, since each room has one; and the
// place as PID 1. With an initramfs the kernel runs rdinit; init is there so that
// a missing rdinit does not fall through to /sbin/init, /etc/init, /bin/init and
// /bin/sh (kernel: init/main.c).
func commandLine(s check.System, sysctls []string) string {
	line := slices.Concat(s.CommandLine, sysctls)
	if s.Network != nil {
		line = append(line, address(s.Network), "carrier_timeout=1")
	}
	return strings.Join(append(line, "printk.devkmsg=on", "rdinit="+abi.Bay0Path, "init="+abi.Bay0Path), " ")
}

// address is a static ip= parameter without autoconfiguration (kernel:
// Documentation/admin-guide/nfs/nfsroot.rst). By default the kernel would wait two
// minutes for a carrier; carrier_timeout says one second.
func address(n *check.Network) string {
	mask := net.IP(net.CIDRMask(n.Address.Bits(), 32)).String()
	return fmt.Sprintf("ip=%s::%s:%s:anchor:%s:off", n.Address.Addr(), n.Gateway, mask, n.Interface)
}

// namespaces gives a room an empty network of its own, unless it is to use the
// machine's.
func namespaces(r check.Room) uint64 {
	if r.Host {
		return abi.RoomNamespaces
	}
	return abi.RoomNamespaces | abi.CloneNewNet
}

// systemCalls takes listen(2) from a room on the machine's network that may bind no
// port: on a socket that was never bound it would get a free one from the kernel,
// and Landlock has no right for that. The sockets that a room provides listen
// already.
func systemCalls(r check.Room) seccomp.Spec {
	spec := seccomp.Spec{Allow: r.SystemCalls.Calls, Families: r.Families, UDP: r.UDP, ExecutableMemory: r.SystemCalls.ExecutableMemory, Deny: seccomp.DenyErrno}
	if r.Host && len(r.Bind) == 0 {
		spec.Allow = slices.DeleteFunc(slices.Clone(spec.Allow), func(call string) bool { return call == "listen" })
	}
	if r.SystemCalls.Kill {
		spec.Deny = seccomp.DenyKill
	}
	return spec
}

// ports grants TCP ports, of whatever address: Landlock knows no addresses.
func ports(r check.Room) []abi.PortRule {
	access := map[uint16]uint64{}
	for _, port := range r.Connect {
		access[port] |= policy.LandlockConnectTCP
	}
	for _, port := range r.Bind {
		access[port] |= policy.LandlockBindTCP
	}
	var rules []abi.PortRule
	for port, a := range access {
		rules = append(rules, abi.PortRule{Port: port, Access: a})
	}
	slices.SortFunc(rules, func(a, b abi.PortRule) int { return cmp.Compare(a.Port, b.Port) })
	return rules
}

// files is resolv.conf(5) for a room on the machine's network.
func (m *machine) files(r check.Room) []policy.File {
	if !r.Host || m.system.Network == nil {
		return nil
	}
	var text strings.Builder
	for _, server := range m.system.Network.Nameservers {
		fmt.Fprintf(&text, "nameserver %s\n", server)
	}
	return []policy.File{{Target: policy.ResolvConf, Content: text.String()}}
}
