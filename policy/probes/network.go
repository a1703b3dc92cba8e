package probes

import (
	"fmt"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// Numbers of socket(2).
const (
	afUnix, afINET, afINET6 = 1, 2, 10
	lastFamily              = 45 // AF_MCTP (include/linux/socket.h)
	stream, dgram, raw      = 1, 2, 3
)

// supported are the families that a machine's kernel has. Another that a filter
// lets through is refused by the kernel in the same words.
var supported = map[uint64]bool{afUnix: true, afINET: true}

// socket is a probe of one. The filter judges family, type and protocol.
func (r *room) socket(family, kind, protocol uint64, itself string) *Probe {
	return probe(Socket, r.judge(itself, "socket", family, kind, protocol), fmt.Sprint(family), fmt.Sprint(kind), fmt.Sprint(protocol))
}

// families tries every address family: what is let through beside the next that
// is not.
func (r *room) families() {
	var granted []*Probe
	for family := uint64(1); family <= lastFamily; family++ {
		p := r.socket(family, stream, 0, OK)
		if p.Want[0] == OK {
			if !supported[family] {
				p.Want = []string{"EAFNOSUPPORT", OK}
			}
			granted = append(granted, p)
			continue
		}
		r.twin("address families", at(granted, 0), p)
		granted = nil
	}
	r.twin("address families", nil, r.socket(dirty|afINET6, stream, 0, "EAFNOSUPPORT"))
	if r.Namespaces&abi.CloneNewNet != 0 && r.may("openat", "read") {
		r.twin("network none", nil, probe(Interfaces, Absent))
	}
}

// types tries types and protocols of the internet families, if the room has them:
// TCP and UDP, and what else a port of Landlock's does not cover.
func (r *room) types() {
	if r.judge(OK, "socket", afINET, stream, 0) != OK {
		return
	}
	const tcp, udp, icmp, sctp, smc, mptcp, lite = 6, 17, 1, 132, 256, 262, 136
	for _, pair := range [][2]*Probe{
		{r.socket(afINET, stream, tcp, OK), r.socket(afINET, stream, mptcp, "EPROTONOSUPPORT")},
		{r.socket(afINET, stream|0o2000000, 0, OK), r.socket(afINET, stream, sctp, "EPROTONOSUPPORT")}, // SOCK_CLOEXEC
		{nil, r.socket(afINET, stream, smc, "EPROTONOSUPPORT")},
		{nil, r.socket(afINET, 5, 0, "ESOCKTNOSUPPORT")}, // SOCK_SEQPACKET
		{nil, r.socket(afINET, raw, icmp, "EPERM")},
		{nil, r.socket(afINET, dgram, icmp, "EACCES")},
		{nil, r.socket(afINET, dgram, lite, "EPROTONOSUPPORT")},
		{nil, r.socket(dirty|afINET, raw, icmp, "EPERM")},
	} {
		r.twin("socket types", pair[0], pair[1])
	}
	if p := r.socket(afINET, dgram, udp, OK); p.Want[0] != OK {
		r.twin("udp", nil, p)
	}
}

// tcp tries each port that a rule names, in either way, and the next below and above
// that none names. Whether somebody listens is not the policy's to say.
func (r *room) tcp() {
	if r.judge(OK, "socket", afINET, stream, 0) != OK {
		return
	}
	for _, rule := range r.Landlock.Ports {
		for _, way := range []struct {
			kind   Kind
			right  uint64
			other  string
			called string
		}{
			{TCPConnect, policy.LandlockConnectTCP, "ECONNREFUSED", "connect"},
			{TCPBind, policy.LandlockBindTCP, "EADDRINUSE", "bind"},
		} {
			name := fmt.Sprintf("%s %d", way.kind, rule.Port)
			if rule.Access&way.right == 0 {
				r.twin(name, nil, probe(way.kind, r.through("EACCES", way.called), fmt.Sprint(rule.Port)))
				continue
			}
			granted := probe(way.kind, r.through(OK, way.called), fmt.Sprint(rule.Port)).or(way.other)
			for _, port := range r.portsBeside(rule.Port, way.right) {
				r.twin(name, granted, probe(way.kind, r.through("EACCES", way.called), fmt.Sprint(port)))
				granted = nil
			}
		}
	}
	if len(r.Landlock.Ports) == 0 {
		r.twin("tcp connect", nil, probe(TCPConnect, r.through("EACCES", "connect"), "443"))
		r.twin("tcp bind", nil, probe(TCPBind, r.through("EACCES", "bind"), "8080"))
	}
	r.twin("tcp fast open", nil, probe(FastOpen, r.judge("ENOTSUP", "sendto", 0, 0, 0, 0x20000000), "443"))
}

// portsBeside are the nearest ports on both sides without the right.
func (r *room) portsBeside(port uint16, right uint64) (all []uint16) {
	has := func(port int) bool {
		for _, rule := range r.Landlock.Ports {
			if int(rule.Port) == port && rule.Access&right != 0 {
				return true
			}
		}
		return false
	}
	for _, step := range []int{-1, 1} {
		beside := int(port) + step
		for has(beside) {
			beside += step
		}
		if beside > 0 && beside < 1<<16 {
			all = append(all, uint16(beside))
		}
	}
	return all
}

// udp sends a datagram to a port of this machine, where nobody need be.
func (r *room) udp() {
	if r.judge(OK, "socket", afINET, dgram, 0) == OK {
		r.twin("udp", probe(UDPSend, r.through(OK, "sendto"), "9"), nil)
	}
}
